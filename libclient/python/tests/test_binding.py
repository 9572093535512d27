"""reeve.binding: the calls of a web front end that plays reeve-bind's part."""

from __future__ import annotations

import unittest

from scripted import DaemonTest
from reeve import DaemonUnavailable, LimitReached, ProtocolError, Unavailable
from reeve.binding import Binding, FlowRefused, NotSignedIn, TicketInvalid, flow_id, new_browser

BINDING = "io.reeve.Binding."
PAGE = {"workload": "bot", "provider": "Files", "scopes": ["read"], "phrase": "amber otter", "digest": "d",
        "expires_at": 7, "user": "alice"}


class BindingTest(DaemonTest):
    def ask(self, call, **told):
        """What `call` makes of that answer; the call itself is kept in self.called."""
        def script(peer):
            self.called = peer.call()
            if "error" in told:
                peer.error(told["error"], **told.get("parameters", {}))
            else:
                peer.reply(told)
            peer.until_closed()
        server = self.serve(script)
        try:
            return call(Binding(self.path, timeout=10))
        finally:
            server.stop()

    def test_a_question_is_read_and_only_what_is_given_is_sent(self):
        asked = self.ask(lambda b: b.describe("br", "ti"), status="ready", user="alice", page=PAGE, later="ignored")
        self.assertEqual(self.called, {"method": BINDING + "Describe", "parameters": {"browser": "br", "ticket": "ti"}})
        self.assertEqual((asked.status, asked.page.phrase, asked.page.resource), ("ready", "amber otter", None))

    def test_a_sign_in_that_time_has_ended_is_told_apart(self):
        self.assertEqual(self.ask(lambda b: b.describe("br", "ti"), status="sign_in", ended=True).ended, True)
        self.assertEqual(self.ask(lambda b: b.describe("br", "ti"), status="sign_in").ended, False)
        for parameters, ended in (({"ended": True}, True), ({}, False)):
            with self.assertRaises(NotSignedIn) as caught:
                self.ask(lambda b: b.connections("br"), error=BINDING + "NotSignedIn", parameters=parameters)
            self.assertEqual(caught.exception.ended, ended)

    def test_a_consent_under_way_says_where_it_goes_on(self):
        asked = self.ask(lambda b: b.describe("br", "ti"), status="under_way", user="alice", handle="ha")
        self.assertEqual((asked.status, asked.handle, asked.page), ("under_way", "ha", None))

    def test_the_callback_is_relayed_as_it_came(self):
        told = self.ask(lambda b: b.came_back("br", "https://a/callback/x", "st", flow="fl", code="co"),
                        outcome="signed_in", next="/", new_browser="nb")
        self.assertEqual(self.called["parameters"], {"browser": "br", "flow": "fl", "redirect": "https://a/callback/x",
                                                     "state": "st", "code": "co"})
        self.assertEqual(told, ("signed_in", None, "/", "nb"))

    def test_going_away_needs_the_flows_cookie(self):
        away = self.ask(lambda b: b.start("br", "ti", "di"), authorize_url="https://p/a", flow="f", flow_id="12345678")
        self.assertEqual(away, ("https://p/a", "f", "12345678"))
        with self.assertRaises(ProtocolError):
            self.ask(lambda b: b.sign_in("br", "/"), authorize_url="https://p/a")

    def test_outcomes_and_connections_are_read(self):
        outcome = self.ask(lambda b: b.outcome("br", "ha"), outcome="confirm", account="octo", other_accounts=["x"],
                           needs_confirmation=True)
        self.assertEqual((outcome.outcome, outcome.account, outcome.other_accounts), ("confirm", "octo", ["x"]))
        one = {"grant": "g", "workload": "w", "provider": "p", "scopes": [], "created_at": 1}
        told = self.ask(lambda b: b.connections("br"), user="alice", connections=[one])
        self.assertEqual((told.user, told.connections[0].grant, told.connections[0].used_at), ("alice", "g", None))
        self.assertEqual(self.ask(lambda b: b.disconnect("br", "g"), said="revoked").said, "revoked")
        self.assertIsNone(self.ask(lambda b: b.confirm("br", "ha", True)))
        self.assertEqual(self.called["parameters"]["accept"], True)

    def test_errors_have_types(self):
        for name, parameters, kind in [
                ("TicketInvalid", {"reason": "used"}, TicketInvalid), ("NotSignedIn", {}, NotSignedIn),
                ("FlowRefused", {"reason": "browser"}, FlowRefused),
                ("LimitReached", {"limit": "browsers", "retry_after": 30}, LimitReached),
                ("Unavailable", {"reason": "disk"}, Unavailable)]:
            with self.assertRaises(kind) as raised:
                self.ask(lambda b: b.sign_out("br"), error=BINDING + name, parameters=parameters)
            for member, value in parameters.items():
                self.assertEqual(getattr(raised.exception, member), value)
        with self.assertRaises(DaemonUnavailable):
            self.ask(lambda b: b.sign_out("br"), error="org.varlink.service.PermissionDenied")

    def test_secrets_and_ids_have_the_shape_of_the_contract(self):
        self.assertRegex(new_browser(), r"\A[A-Za-z0-9_-]{43}\Z")
        self.assertNotEqual(new_browser(), new_browser())
        self.assertEqual(flow_id("abc"), "ungWv48B")


if __name__ == "__main__":
    unittest.main()
