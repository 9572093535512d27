from __future__ import annotations

import os
import signal
import socket
import threading
import time
import unittest

import scripted
from scripted import DaemonTest, SECRET
from reeve import (DaemonUnavailable, Denied, InvalidParameter, LimitReached,
                   MethodNotFound, ProtocolError, Timeout)
from reeve import _channel, _frames, _varlink

EVIDENCE = {"uid": "0"}


class WireTest(DaemonTest):
    """What the bytes may look like."""

    def whoami_over(self, raw, close=True):
        def script(peer):
            peer.expect("WhoAmI")
            try:
                peer.raw(raw)
            except OSError:
                pass                            # the client may have had enough
            if not close:
                peer.until_closed()
        self.serve(script, script)              # it may be asked once more
        return self.client(timeout=scripted.LIMIT).whoami()

    def refused(self, raw, kind=ProtocolError, close=True):
        with self.assertRaises(kind) as caught:
            self.whoami_over(raw, close)
        self.assert_no_secret(caught.exception)
        return str(caught.exception)

    def test_a_call_is_one_json_object_and_a_nul(self):
        self.assertEqual(_frames.encode_call("a.B", {"x": "\0\u00e9", "no": None}, more=True),
                         b'{"method":"a.B","parameters":{"x":"\\u0000\\u00e9"},"more":true}\0')

    def test_unknown_fields_are_ignored(self):
        who = self.whoami_over(b'{"parameters":{"workload":"w","evidence":{"uid":"0"},"new":[1]},'
                               b'"later":{"x":null}}\0')
        self.assertEqual((who.workload, who.evidence), ("w", EVIDENCE))

    def test_an_answer_may_come_byte_by_byte(self):
        def script(peer):
            peer.expect("WhoAmI")
            for byte in b'{"parameters":{"evidence":{}}}\0':
                peer.raw(bytes([byte]))
        self.serve(script)
        self.assertIsNone(self.client().whoami().workload)

    def test_half_an_answer_is_a_protocol_error(self):
        text = self.refused(b'{"parameters":{"secret":"' + SECRET.encode())
        self.assertIn("middle", text)

    def test_no_answer_at_all_is_unavailable(self):
        self.refused(b"", DaemonUnavailable)

    def test_bad_json_is_refused_and_not_kept(self):
        secret = SECRET.encode()
        for raw in (b"", b"not json " + secret, b'{"a":"' + secret, b"\xff\xfe" + secret,
                    b'{"parameters":{}} ' + secret, b'{"parameters":{"n":NaN}}',
                    b'{"parameters":{"evidence":{},"evidence":{}}}', b"[" * 100000,
                    '{"parameters":{"evidence":{}}}'.encode("utf-16")):
            with self.subTest(raw=raw[:30]):
                self.refused(raw + b"\0")
                self.doCleanups()
                self.setUp()

    def test_an_unknown_shape_is_refused(self):
        for raw in (b"[]", b"7", b"null", b'"x"', b'{"parameters":[]}', b'{"error":7}',
                    b'{"parameters":{},"continues":"yes"}', b'{"parameters":{"evidence":[]}}',
                    b"{}", b'{"parameters":{"evidence":{"uid":0}}}',
                    b'{"parameters":{"workload":7,"evidence":{}}}'):
            with self.subTest(raw=raw):
                self.refused(raw + b"\0")
                self.doCleanups()
                self.setUp()

    def test_a_stream_for_a_single_answer_is_refused(self):
        self.refused(b'{"parameters":{"evidence":{}},"continues":true}\0')

    def test_a_huge_answer_is_refused_before_it_has_ended(self):
        text = self.refused(b"x" * (_frames.MAX_REPLY + 70000), close=False)
        self.assertIn("over", text)

    def test_an_answer_of_just_the_limit_passes(self):
        head, tail = b'{"parameters":{"evidence":{"x":"', b'"}}}'
        fill = b"x" * (_frames.MAX_REPLY - len(head) - len(tail))
        who = self.whoami_over(head + fill + tail + b"\0")
        self.assertEqual(len(who.evidence["x"]), len(fill))

    def test_a_huge_call_is_not_sent(self):
        with self.assertRaises(ProtocolError) as caught:
            self.client().session(user_token=SECRET * 10000)
        self.assert_no_secret(caught.exception)

    def test_errors_become_classes(self):
        self.refused(b'{"error":"io.reeve.Agent.Denied","parameters":{"reason":"r"}}\0', Denied)
        for name, parameters, kind in (
                ("org.varlink.service.MethodNotFound", {"method": "WhoAmI"}, MethodNotFound),
                ("org.varlink.service.InvalidParameter", {"parameter": "x"}, InvalidParameter)):
            self.doCleanups()
            self.setUp()

            def script(peer):
                peer.expect("WhoAmI")
                peer.error(name, **parameters)
            self.serve(script)
            self.assertRaises(kind, self.client().whoami)

    def test_an_error_before_the_call_is_heard(self):
        """A daemon that is full says so at accept and closes, without reading."""
        def script(peer):
            peer.error("LimitReached", limit="connections", retry_after=1)
        self.serve(script)
        with self.assertRaises(LimitReached) as caught:
            self.client().whoami()
        self.assertEqual(caught.exception.limit, "connections")

    def test_so_it_is_if_the_call_found_the_connection_closed(self):
        server = self.serve(lambda peer: peer.error("LimitReached", limit="connections"))
        deadline = _frames.Deadline(scripted.LIMIT)
        connection = _varlink.Connection(self.path, deadline)
        server.join()
        state = _channel._State()
        reply = _channel._once(state, connection, b"{}\0", deadline, fresh=True)
        self.addCleanup(state.drop)
        self.assertEqual(reply.error, scripted.AGENT + "LimitReached")

    def test_a_second_answer_is_never_taken_for_the_next_call(self):
        stale = b'{"parameters":{"workload":"%s","evidence":{}}}\0'

        def script(peer):
            peer.expect("WhoAmI")
            peer.raw(stale % b"one" + stale % b"stray")
            peer.until_closed()
        self.serve(script, lambda peer: peer.answer("WhoAmI", workload="two", evidence={}))
        client = self.client()
        self.assertEqual(client.whoami().workload, "one")
        self.assertEqual(client.whoami().workload, "two")


class TimeTest(DaemonTest):
    """Nothing hangs."""

    def test_a_silent_daemon_is_a_timeout_and_the_late_answer_is_dropped(self):
        asked = threading.Event()

        def silent(peer):
            peer.expect("WhoAmI")
            asked.set()
            peer.until_closed()                 # the connection is given up, so nothing can be late
        self.serve(silent, lambda peer: peer.answer("WhoAmI", evidence=EVIDENCE))
        client = self.client(timeout=0.05)
        self.assertRaises(Timeout, client.whoami)
        self.assertTrue(asked.wait(scripted.LIMIT))
        client._timeout = scripted.LIMIT
        self.assertEqual(client.whoami().evidence, EVIDENCE)

    def test_an_answer_that_trickles_does_not_stretch_the_deadline(self):
        stop = threading.Event()

        def script(peer):
            peer.expect("WhoAmI")
            try:
                while not stop.wait(0.01):
                    peer.raw(b" ")
            except OSError:
                pass
        self.serve(script)
        self.addCleanup(stop.set)
        self.assertRaises(Timeout, self.client(timeout=0.1).whoami)

    def test_a_daemon_that_does_not_read_is_a_timeout(self):
        stop = threading.Event()
        self.serve(lambda peer: stop.wait(scripted.LIMIT))
        self.addCleanup(stop.set)
        with self.assertRaises(Timeout) as caught:
            self.client(timeout=0.1).session(user_token=SECRET * 6000)
        self.assert_no_secret(caught.exception)

    def test_a_full_backlog_is_a_timeout(self):
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.path)
        listener.listen(0)
        waiting = socket.socket(socket.AF_UNIX)
        self.addCleanup(waiting.close)
        waiting.connect(self.path)
        self.assertRaises(Timeout, self.client(timeout=0.05).whoami)

    def test_signals_do_not_end_a_wait(self):
        hits = []
        self.addCleanup(signal.signal, signal.SIGALRM,
                        signal.signal(signal.SIGALRM, lambda *_: hits.append(1)))
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)

        def script(peer):
            peer.expect("WhoAmI")
            end = time.monotonic() + scripted.LIMIT
            while len(hits) < 5 and time.monotonic() < end:
                time.sleep(0.002)
            peer.reply({"evidence": EVIDENCE})
        self.serve(script)
        signal.setitimer(signal.ITIMER_REAL, 0.005, 0.005)
        self.assertEqual(self.client().whoami().evidence, EVIDENCE)
        self.assertGreaterEqual(len(hits), 5)

    def test_a_signal_handler_that_raises_drops_the_connection(self):
        class Stop(Exception):
            pass

        def handler(*_):
            raise Stop
        self.addCleanup(signal.signal, signal.SIGUSR1, signal.signal(signal.SIGUSR1, handler))

        def interrupted(peer):
            peer.expect("WhoAmI")
            os.kill(os.getpid(), signal.SIGUSR1)
            peer.until_closed()
        self.serve(interrupted, lambda peer: peer.answer("WhoAmI", evidence=EVIDENCE))
        client = self.client()
        self.assertRaises(Stop, client.whoami)
        self.assertEqual(client.whoami().evidence, EVIDENCE)


if __name__ == "__main__":
    unittest.main()
