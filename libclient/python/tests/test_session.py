from __future__ import annotations

import contextlib
import io
import threading
import time
import unittest

import scripted
from scripted import DaemonTest, SECRET, consent_fields, token_fields
from reeve import (Client, ConsentExpired, ConsentFailed, ConsentRequired, DaemonUnavailable,
                   Declined, Denied, ProtocolError, Refused, RequestInvalid, SessionInvalid,
                   Timeout)


class SessionTest(DaemonTest):
    """Opening, asking, ending."""

    def opened(self, script, *more):
        self.serve(lambda peer: (peer.open_session(), script(peer)), *more)
        return self.client(timeout=scripted.LIMIT).session(workload=True)

    def test_each_way_to_open_says_so(self):
        server = self.serve(lambda peer: [peer.open_session() for _ in range(4)])
        client = self.client()
        client.session(user_token="jwt", lifetime=60)
        client.session(user=("https://login.example.com", "alice"))
        client.session(unix=True)
        client.session(workload=True)
        self.assertEqual(server.asked, [
            {"as": "token", "user_token": "jwt", "lifetime": 60},
            {"as": "asserted", "user": {"issuer": "https://login.example.com",
                                        "subject": "alice"}},
            {"as": "unix"}, {"as": "workload"}])

    def test_exactly_one_way(self):
        client = self.client()
        for ways in ({}, {"unix": True, "workload": True}, {"user_token": "t", "unix": True}):
            self.assertRaises(TypeError, client.session, **ways)
        self.assertRaises(TypeError, Client, unix=True, workload=True)

    def test_the_user_is_known(self):
        user = {"issuer": "https://login.example.com", "subject": "alice", "name": "Alice"}
        self.serve(lambda peer: peer.answer("OpenSession", session="h", user=user, expires_at=9))
        session = self.client().session(user_token="jwt")
        self.assertEqual((session.user.subject, session.user.name, session.expires_at),
                         ("alice", "Alice", 9))

    def test_neither_repr_shows_a_secret(self):
        self.serve(lambda peer: peer.open_session("handle-1"))
        client = self.client(user_token=SECRET)
        session = client.default_session()
        shown = repr(client) + repr(session) + repr(vars(client))
        self.assertNotIn(SECRET, shown)
        self.assertNotIn("handle-1", repr(session))

    def test_a_token_is_asked_for_with_what_was_given_and_no_more(self):
        session = self.opened(
            lambda peer: [peer.answer("GetToken", token=token_fields()) for _ in range(2)])
        self.assertEqual(str(session.token("github")), SECRET)
        session.token("github", ["repo"], resource="https://api.example.com", account="a",
                      min_valid=60, fresh=True, return_url="https://x.example", return_state="s",
                      acr_values=["gold"], max_age=0)
        self.assertEqual(self.server.asked[1:], [
            {"session": "handle-1", "provider": "github"},
            {"session": "handle-1", "provider": "github", "scopes": ["repo"],
             "resource": "https://api.example.com", "account": "a", "min_valid": 60,
             "fresh": True, "return_url": "https://x.example", "return_state": "s",
             "acr_values": ["gold"], "max_age": 0}])

    def test_no_scopes_and_an_empty_list_are_not_the_same(self):
        session = self.opened(lambda peer: peer.answer("GetToken", token=token_fields()))
        session.token("github", scopes=[])
        self.assertEqual(self.server.asked[1]["scopes"], [])

    def test_one_string_of_scopes_is_refused(self):
        session = self.opened(lambda peer: None)
        self.assertRaises(TypeError, session.token, "github", "repo")

    def test_a_reply_without_its_token_is_a_protocol_error(self):
        session = self.opened(lambda peer: peer.answer("GetToken", token=SECRET))
        with self.assertRaises(ProtocolError) as caught:
            session.token("github")
        self.assert_no_secret(caught.exception)

    def test_report_invalid_names_the_token_by_id_and_never_sends_it(self):
        def script(peer):
            peer.answer("GetToken", token=token_fields())
            peer.answer("ReportInvalid")
            peer.answer("ReportInvalid")
        session = self.opened(script)
        session.report_invalid(session.token("github"))
        session.report_invalid("t-2")
        self.assertEqual([a["token"] for a in self.server.asked[2:]], ["t-1", "t-2"])

    def test_close_ends_it_once_and_for_all(self):
        session = self.opened(lambda peer: (peer.answer("CloseSession"), peer.until_closed()))
        with session:
            pass
        session.close()
        self.assertEqual(self.server.asked[1:], [{"session": "handle-1"}])
        for call in (lambda: session.token("github"), session.watch,
                     lambda: session.await_consent("r"), lambda: session.report_invalid("t")):
            self.assertRaises(SessionInvalid, call)

    def test_close_of_a_session_that_has_ended_is_no_error(self):
        def script(peer):
            peer.expect("CloseSession")
            peer.error("SessionInvalid")
        self.opened(script).close()

    def test_the_first_error_is_the_one_that_is_seen(self):
        session = self.opened(lambda peer: None)
        self.server.join()
        self.server.unlisten()
        with self.assertRaises(KeyError), session:
            raise KeyError("mine")


class ConsentTest(DaemonTest):
    """A user who must be asked."""

    def asking(self, *streams, then=None):
        """A daemon that wants consent, and the scripts of the connections that await it."""
        def main(peer):
            peer.open_session()
            peer.expect("GetToken")
            peer.error("ConsentRequired", **consent_fields())
            if then is not None:
                then(peer)
        self.serve(main, *streams)
        return self.client(timeout=scripted.LIMIT).session(workload=True)

    @staticmethod
    def told(*statuses, continues=False):
        def script(peer):
            asked = peer.expect("AwaitConsent")
            assert asked == {"session": "handle-1", "request": "request-1"}, asked
            for status in statuses[:-1]:
                peer.reply({"status": status}, continues=True)
            peer.reply({"status": statuses[-1], "reason": "why"}, continues=continues)
            peer.until_closed()
        return script

    def test_without_wait_it_is_raised_whole(self):
        with self.assertRaises(ConsentRequired) as caught:
            self.asking().token("github")
        wanted = consent_fields()
        self.assertEqual({name: getattr(caught.exception, name) for name in wanted}, wanted)

    def test_with_wait_the_user_is_told_and_the_token_comes(self):
        told = []
        session = self.asking(self.told("pending", "granted"),
                              then=lambda peer: peer.answer("GetToken", token=token_fields()))
        token = session.token("github", ["repo"], fresh=True, wait=True, on_consent=told.append)
        self.assertEqual(token.account, "octo-alice")
        self.assertEqual([(c.url, c.phrase) for c in told],
                         [(consent_fields()["url"], "amber fox")])
        self.assertIn("fresh", self.server.asked[1])
        self.assertNotIn("fresh", self.server.asked[-1])    # the user has just been asked

    def test_by_default_link_and_phrase_go_to_stderr(self):
        session = self.asking(self.told("granted"),
                              then=lambda peer: peer.answer("GetToken", token=token_fields()))
        with contextlib.redirect_stderr(io.StringIO()) as printed:
            session.token("github", wait=True)
        self.assertIn(consent_fields()["url"], printed.getvalue())
        self.assertIn("amber fox", printed.getvalue())
        self.assertNotIn(SECRET, printed.getvalue())

    def test_each_end_has_its_error(self):
        for status, kind in (("declined", Declined), ("refused", Refused),
                             ("expired", ConsentExpired), ("failed", ConsentFailed),
                             ("postponed", ConsentFailed), ("pending", ProtocolError)):
            with self.subTest(status=status):
                session = self.asking(self.told("pending", "novelty", status))
                with self.assertRaises(kind) as caught:
                    session.token("github", wait=True, on_consent=lambda consent: None)
                if status in ("declined", "refused", "expired", "failed"):
                    self.assertEqual((caught.exception.provider, caught.exception.reason),
                                     ("github", "why"))
            del session
            self.doCleanups()
            self.setUp()

    def test_an_end_counts_even_if_the_daemon_forgets_to_end_the_stream(self):
        session = self.asking(self.told("declined", continues=True))
        with self.assertRaises(Declined):
            session.token("github", wait=True, on_consent=lambda consent: None)

    def test_a_second_demand_after_the_grant_is_raised(self):
        def then(peer):
            peer.expect("GetToken")
            peer.error("ConsentRequired", **consent_fields(reason="scopes"))
        session = self.asking(self.told("granted"), then=then)
        with self.assertRaises(ConsentRequired) as caught:
            session.token("github", wait=True, on_consent=lambda consent: None)
        self.assertEqual(caught.exception.reason, "scopes")

    def test_a_restart_of_the_daemon_does_not_end_the_wait(self):
        def dies(peer):
            peer.expect("AwaitConsent")
            peer.reply({"status": "pending"}, continues=True)
        session = self.asking(dies, self.told("granted"),
                              then=lambda peer: peer.answer("GetToken", token=token_fields()))
        self.assertEqual(
            str(session.token("github", wait=True, on_consent=lambda consent: None)), SECRET)

    def test_a_daemon_that_stays_away_ends_the_wait(self):
        servers = []

        def gone(peer):
            servers[0].unlisten()

        def main(peer):
            peer.open_session()
            peer.expect("GetToken")
            peer.error("ConsentRequired", **consent_fields())
        servers.append(self.serve(main, gone))
        session = self.client(timeout=0.3).session(workload=True)
        with self.assertRaises(DaemonUnavailable):
            session.token("github", wait=True, on_consent=lambda consent: None, timeout=5)

    def test_a_request_that_is_gone_is_told(self):
        def script(peer):
            peer.expect("AwaitConsent")
            peer.error("RequestInvalid")
        session = self.asking(script)
        with self.assertRaises(RequestInvalid):
            session.token("github", wait=True, on_consent=lambda consent: None)

    def test_timeout_is_for_the_whole_wait(self):
        def silent(peer):
            peer.expect("AwaitConsent")
            peer.reply({"status": "pending"}, continues=True)
            peer.until_closed()
        session = self.asking(silent)
        with self.assertRaises(Timeout) as caught:
            session.token("github", wait=True, on_consent=lambda consent: None, timeout=0.2)
        self.assertIn("user", str(caught.exception))

    def test_what_on_consent_raises_comes_through(self):
        def no_one_there(consent):
            raise LookupError
        with self.assertRaises(LookupError):
            self.asking().token("github", wait=True, on_consent=no_one_there)

    def test_await_consent_shows_each_status(self):
        session = self.asking(self.told("pending", "granted"))
        with self.assertRaises(ConsentRequired) as caught:
            session.token("github")
        self.assertEqual([tuple(s) for s in session.await_consent(caught.exception.request)],
                         [("pending", None), ("granted", "why")])


class WatchTest(DaemonTest):
    """Events, on a connection of their own."""

    def watching(self, script, timeout=scripted.LIMIT):
        self.serve(lambda peer: (peer.open_session(), peer.call()), script)
        return self.client(timeout=timeout).session(workload=True)

    def test_events_come_in_order_and_end_with_the_stream(self):
        def script(peer):
            self.assertEqual(peer.expect("Watch"), {"session": "handle-1"})
            peer.reply({"event": "ready"}, continues=True)
            peer.reply({"event": "grant_revoked", "provider": "github", "grant": "g-1",
                        "new": 1}, continues=True)
            peer.reply({"event": "session_ended"})
        session = self.watching(script)
        self.assertEqual([tuple(e) for e in session.watch()], [
            ("ready", None, None), ("grant_revoked", "github", "g-1"),
            ("session_ended", None, None)])

    def test_calls_go_on_meanwhile(self):
        def main(peer):
            peer.open_session()
            peer.answer("GetToken", token=token_fields())

        def events(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.until_closed()
        self.serve(main, events)
        session = self.client().session(workload=True)
        with session.watch() as watch:
            next(watch)
            self.assertEqual(session.token("github").id, "t-1")

    def test_a_timeout_leaves_the_watch_usable(self):
        go = threading.Event()

        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.raw(b'{"parameters":{"event":"policy')
            go.wait(scripted.LIMIT)
            peer.raw(b'_changed"},"continues":true}\0')
            peer.until_closed()
        with self.watching(script).watch(timeout=0.1) as watch:
            self.assertEqual(next(watch).event, "ready")
            self.assertRaises(Timeout, next, watch)
            go.set()
            self.assertEqual(next(watch).event, "policy_changed")

    def test_a_daemon_that_never_says_ready_is_a_timeout(self):
        def script(peer):
            peer.expect("Watch")
            peer.until_closed()
        with self.watching(script, timeout=0.2).watch() as watch:
            self.assertRaises(Timeout, next, watch)

    def test_an_error_ends_it(self):
        def script(peer):
            peer.expect("Watch")
            peer.error("Denied", reason="r")
        watch = self.watching(script).watch()
        self.assertRaises(Denied, next, watch)
        self.assertRaises(StopIteration, next, watch)

    def test_a_daemon_that_goes_away_is_unavailable(self):
        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
        watch = self.watching(script).watch()
        next(watch)
        self.assertRaises(DaemonUnavailable, next, watch)

    def test_close_from_another_thread_ends_a_wait(self):
        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.until_closed()
        watch = self.watching(script).watch()
        next(watch)
        seen = []
        reader = threading.Thread(target=lambda: seen.extend(watch))
        reader.start()
        while not watch._reading and reader.is_alive():
            time.sleep(0.001)
        watch.close()
        reader.join(scripted.LIMIT)
        self.assertFalse(reader.is_alive())
        self.assertEqual(seen, [])


if __name__ == "__main__":
    unittest.main()
