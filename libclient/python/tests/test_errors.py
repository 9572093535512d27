from __future__ import annotations

import pickle
import unittest

import scripted
import reeve
from reeve._reply import _ERRORS, error_of

SAMPLES = {
    "provider": "github", "reason": "why", "url": "https://agents.example.com/connect/ticket-1",
    "phrase": "amber fox", "request": "request-1", "expires_at": 5, "error": "server_error",
    "description": "d", "retry_after": 9, "limit": "sessions", "interface": "i", "method": "m",
    "parameter": "scopes"}
NULLABLE = {"url", "phrase", "description", "retry_after"}
WIRE = {
    "ConsentRequired": ["provider", "reason", "url", "phrase", "request", "expires_at"],
    "Denied": ["reason"], "SessionInvalid": [], "UserTokenInvalid": ["reason"],
    "RequestInvalid": [], "Unavailable": ["reason"], "UnknownProvider": ["provider"],
    "ProviderFailed": ["provider", "error", "description", "retry_after"],
    "LimitReached": ["limit", "retry_after"]}


class ErrorsTest(unittest.TestCase):
    def test_every_error_of_the_interface_has_its_class(self):
        for name, fields in WIRE.items():
            error = error_of(scripted.AGENT + name, {f: SAMPLES[f] for f in fields})
            self.assertEqual(type(error).__name__, name)
            for field in fields:
                self.assertEqual(getattr(error, field), SAMPLES[field])

    def test_every_class_is_a_reeve_error_and_exported(self):
        for name in WIRE:
            self.assertTrue(issubclass(getattr(reeve, name), reeve.ReeveError))
        self.assertEqual([n for n in reeve.__all__ if not hasattr(reeve, n)], [])

    def test_nullable_parameters_may_be_null_or_absent(self):
        for name, fields in WIRE.items():
            for absent in NULLABLE.intersection(fields):
                given = {f: SAMPLES[f] for f in fields}
                given[absent] = None
                self.assertIsNone(getattr(error_of(scripted.AGENT + name, given), absent))
                del given[absent]
                self.assertIsNone(getattr(error_of(scripted.AGENT + name, given), absent))

    def test_other_parameters_must_be_there(self):
        for name, fields in WIRE.items():
            for absent in set(fields) - NULLABLE:
                given = {f: SAMPLES[f] for f in fields if f != absent}
                with self.subTest(name=name, absent=absent):
                    self.assertRaises(reeve.ProtocolError, error_of, scripted.AGENT + name, given)

    def test_service_errors_are_mapped(self):
        for name, parameters, kind in (
                ("MethodNotFound", {"method": "m"}, reeve.MethodNotFound),
                ("MethodNotImplemented", {"method": "m"}, reeve.MethodNotFound),
                ("InterfaceNotFound", {"interface": "i"}, reeve.MethodNotFound),
                ("InvalidParameter", {"parameter": "scopes"}, reeve.InvalidParameter),
                ("PermissionDenied", {}, reeve.PermissionDenied)):
            error = error_of("org.varlink.service." + name, parameters)
            self.assertIs(type(error), kind)
            self.assertIsInstance(error, reeve.ServiceError)

    def test_an_unknown_error_keeps_its_name_and_drops_its_parameters(self):
        error = error_of("io.reeve.Agent.Tomorrow", {"token": scripted.SECRET})
        self.assertIs(type(error), reeve.UnknownError)
        self.assertEqual(error.name, "io.reeve.Agent.Tomorrow")
        self.assertNotIn(scripted.SECRET, str(error) + repr(error) + repr(vars(error)))

    def test_texts_say_what_to_do_and_show_no_ticket(self):
        error = error_of(scripted.AGENT + "ConsentRequired", SAMPLES)
        for shown in (str(error), repr(error)):
            self.assertIn("wait=True", shown)
            self.assertNotIn("ticket-1", shown)
            self.assertNotIn("amber", shown)

    def test_foreign_text_cannot_break_a_line_or_fill_a_log(self):
        error = error_of(scripted.AGENT + "Denied", {"reason": "a\n\x1b[31m" + "x" * 5000})
        self.assertTrue(str(error).isprintable())
        self.assertLess(len(str(error)), 400)

    def test_errors_survive_pickling(self):
        for name in _ERRORS:
            error = error_of(name, SAMPLES)
            again = pickle.loads(pickle.dumps(error))
            self.assertEqual((type(again), str(again), vars(again)),
                             (type(error), str(error), vars(error)))
        for error in (reeve.Timeout("t"), reeve.Declined("github", "r"), reeve.ReeveError()):
            self.assertEqual(str(pickle.loads(pickle.dumps(error))), str(error))


if __name__ == "__main__":
    unittest.main()
