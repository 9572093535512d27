from __future__ import annotations

import copy
import json
import pickle
import pprint
import unittest

import scripted
from reeve import ProtocolError, Token
from reeve._token import token_from


class TokenTest(unittest.TestCase):
    def setUp(self):
        self.token = token_from("github", scripted.token_fields())

    def test_is_a_header_value(self):
        self.assertEqual(f"Bearer {self.token}", "Bearer " + scripted.SECRET)
        self.assertIsInstance(self.token, str)
        self.assertEqual(self.token.encode("ascii"), scripted.SECRET.encode("ascii"))

    def test_knows_what_the_daemon_said(self):
        self.assertEqual(
            (self.token.provider, self.token.id, self.token.grant, self.token.account,
             self.token.scopes, self.token.expires_at, self.token.token_type),
            ("github", "t-1", "g-1", "octo-alice", ("repo",), 1999999999, "Bearer"))

    def test_account_and_expiry_may_be_unknown(self):
        token = token_from("github", scripted.token_fields(account=None, expires_at=None))
        self.assertIsNone(token.account)
        self.assertIsNone(token.expires_at)

    def test_never_shows_itself_in_repr_or_in_a_container(self):
        for shown in (repr(self.token), "%r" % self.token, f"{self.token!r}",
                      repr({"token": [self.token]}), pprint.pformat({"token": [self.token]})):
            self.assertNotIn(scripted.SECRET, shown)
            self.assertIn("github", shown)

    def test_is_not_pickled(self):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            with self.assertRaises(TypeError) as caught:
                pickle.dumps({"t": self.token}, protocol)
            self.assertNotIn(scripted.SECRET, str(caught.exception))

    def test_copies_are_the_same_object(self):
        self.assertIs(copy.copy(self.token), self.token)
        self.assertIs(copy.deepcopy([self.token])[0], self.token)

    def test_plain_json_still_writes_it(self):
        self.assertEqual(json.loads(json.dumps({"t": self.token}))["t"], scripted.SECRET)

    def test_one_that_would_break_a_header_is_refused(self):
        for bad in ("", "a\r\nX-Evil: 1", "a\0b", "t\u00f6ken", "tab\there"):
            with self.subTest(bad=bad), self.assertRaises(ProtocolError):
                token_from("github", scripted.token_fields(access_token=bad))

    def test_a_field_of_a_wrong_type_is_named_and_not_quoted(self):
        for name, value in (("access_token", 7), ("access_token", None), ("id", None),
                            ("grant", ["g"]), ("scopes", "repo"), ("scopes", [1]),
                            ("expires_at", True), ("expires_at", 1.5), ("account", 7)):
            fields = scripted.token_fields(**{name: value})
            with self.subTest(name=name), self.assertRaises(ProtocolError) as caught:
                token_from("github", fields)
            self.assertIn(name, str(caught.exception))
            self.assertNotIn(scripted.SECRET, str(caught.exception))

    def test_class_is_exported(self):
        self.assertIs(type(self.token), Token)


if __name__ == "__main__":
    unittest.main()
