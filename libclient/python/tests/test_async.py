"""The asyncio client: the same scripts on the daemon's side as for the other, and what only tasks do."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading

import scripted
from scripted import DaemonTest, SECRET, token_fields
from reeve import (AsyncClient, AsyncSession, DaemonUnavailable, DaemonUntrusted, Denied,
                   ProtocolError, Timeout)


def gives_tokens(count, **changes):
    def script(peer):
        for number in range(count):
            peer.answer("GetToken", token=token_fields(id=f"t-{number}", **changes))
    return script


class AsyncTest(DaemonTest):
    """A test whose coroutine must be over in time."""

    def go(self, coroutine):
        return asyncio.run(asyncio.wait_for(coroutine, scripted.LIMIT))

    def refused(self, kind, coroutine):
        with self.assertRaises(kind) as caught:
            self.go(coroutine)
        self.assert_no_secret(caught.exception)
        return caught.exception

    def session(self, **arguments):
        """A session that exists already, on a client that lives as long as the test."""
        client = AsyncClient(self.path, **{"timeout": scripted.LIMIT, **arguments})
        self.addCleanup(client._channel.close)
        return AsyncSession(client._channel, client._timeout, "handle-1")


class CallTest(AsyncTest):
    """One call, one answer."""

    def test_a_session_is_opened_used_and_closed(self):
        async def story():
            async with AsyncClient(self.path) as client:
                async with await client.session(user_token="jwt", lifetime=60) as session:
                    token = await session.token("github", ["repo"], min_valid=60)
                    await session.report_invalid(token)
                    return str(token), repr(session)
        server = self.serve(lambda peer: (
            peer.open_session(), gives_tokens(1)(peer), peer.answer("ReportInvalid"),
            peer.answer("CloseSession")))
        value, shown = self.go(story())
        self.assertEqual(value, SECRET)
        self.assertNotIn("handle-1", shown)
        self.assertEqual(server.asked, [
            {"as": "token", "user_token": "jwt", "lifetime": 60},
            {"session": "handle-1", "provider": "github", "scopes": ["repo"], "min_valid": 60},
            {"session": "handle-1", "token": "t-0"}, {"session": "handle-1"}])
        self.assertEqual(server.connections, 1)

    def test_the_default_session_is_opened_once_for_many_tasks_and_anew_when_it_has_ended(self):
        gate = threading.Event()

        def main(peer):
            peer.expect("OpenSession")
            gate.wait(scripted.LIMIT)
            peer.reply({"session": "one", "expires_at": 9})
            peer.expect("GetToken")
            peer.error("SessionInvalid")
            peer.open_session("two")
            gives_tokens(2)(peer)

        async def story():
            client = AsyncClient(self.path, workload=True)
            asking = [asyncio.ensure_future(client.default_session()) for _ in range(5)]
            await asyncio.sleep(0)
            asking[0].cancel()                  # the one that began it: the others still get theirs
            gate.set()
            sessions = await asyncio.gather(*asking, return_exceptions=True)
            self.assertIsInstance(sessions[0], asyncio.CancelledError)
            self.assertEqual({session.handle for session in sessions[1:]}, {"one"})
            await client.token("github")
            await client.token("github")
            client._channel.close()
        server = self.serve(main)
        self.go(story())
        self.assertEqual([asked["session"] for asked in server.asked if "provider" in asked],
                         ["one", "two", "two"])

    def test_errors_are_typed(self):
        def script(peer):
            peer.expect("GetToken")
            peer.error("Denied", reason="scope")
        self.serve(script)
        error = self.refused(Denied, self.session().token("github", ["repo"]))
        self.assertEqual(error.reason, "scope")

    def test_one_string_of_scopes_is_refused(self):
        self.refused(TypeError, self.session().token("github", "repo"))

    def test_no_daemon_and_a_place_anybody_may_write_are_told_apart(self):
        self.refused(DaemonUnavailable, self.session().token("github"))
        self.serve()
        os.chmod(self.directory, 0o777)
        self.refused(DaemonUntrusted, self.session().token("github"))

    def test_half_an_answer_and_none_at_all(self):
        secret = SECRET.encode()
        for raw, kind in ((b'{"parameters":{"token":"' + secret, ProtocolError), (b"", DaemonUnavailable),
                          (b'{"parameters":{"token":"' + secret + b'"}}\0', ProtocolError),
                          (b"not json " + secret + b"\0", ProtocolError)):
            def script(peer, raw=raw):
                peer.expect("GetToken")
                peer.raw(raw)
            with self.subTest(raw=raw):
                self.serve(script, script)
                self.refused(kind, self.session().token("github"))
                self.doCleanups()
                self.setUp()

    def test_a_very_long_token_comes_byte_for_byte_and_one_beyond_the_limit_is_refused(self):
        long = "x" * 900_000
        self.serve(gives_tokens(1, access_token=long))
        self.assertEqual(str(self.go(self.session().token("github"))), long)
        self.doCleanups()
        self.setUp()

        def endless(peer):
            peer.expect("GetToken")
            try:
                peer.raw(b"x" * 1_200_000)
            except OSError:
                pass                            # the client has had enough
        self.serve(endless)
        self.refused(ProtocolError, self.session().token("github"))

    def test_a_call_that_is_not_answered_in_time(self):
        self.serve(lambda peer: (peer.expect("GetToken"), peer.until_closed()))
        self.refused(Timeout, self.session(timeout=0.05).token("github"))


class TaskTest(AsyncTest):
    """Tasks that share, wait and are cancelled."""

    def test_a_call_that_waits_keeps_no_other_waiting(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def slow(peer):
            peer.expect("GetToken")
            release.wait(scripted.LIMIT)
            peer.reply({"token": token_fields(id="slow")})

        async def story():
            session = self.session()
            waiting = asyncio.ensure_future(session.token("slow"))
            while not self.server.asked:
                await asyncio.sleep(0.001)
            quick = await session.token("quick")
            self.assertFalse(waiting.done())
            release.set()
            return quick.id, (await waiting).id
        self.serve(slow, gives_tokens(1))
        self.assertEqual(self.go(story()), ("t-0", "slow"))

    def test_a_cancelled_call_ends_at_once_and_its_answer_goes_to_nobody_else(self):
        closed = threading.Event()

        def cancelled(peer):
            peer.expect("GetToken")
            peer.until_closed()
            closed.set()

        async def story():
            session = self.session()
            waiting = asyncio.ensure_future(session.token("one"))
            while not self.server.asked:
                await asyncio.sleep(0.001)
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
            return (await session.token("two")).id
        self.serve(cancelled, gives_tokens(1))
        self.assertEqual(self.go(story()), "t-0")
        self.assertTrue(closed.wait(scripted.LIMIT), "the connection was left open")

    def test_many_tasks_take_turns_on_a_bounded_number_of_connections(self):
        async def story():
            session = self.session()
            tokens = await asyncio.gather(*(session.token("github") for _ in range(200)))
            self.assertEqual(len(tokens), 200)

        def answers(peer):
            while peer.call() is not None:
                peer.reply({"token": token_fields()})
        self.serve(*[answers] * 17)
        self.go(story())
        self.assertLessEqual(self.server.connections, 16)

    def test_one_client_serves_one_event_loop_after_another(self):
        self.serve(gives_tokens(2))
        session = self.session()
        self.go(session.token("github"))
        self.go(session.token("github"))
        self.assertEqual(self.server.connections, 1)

    def test_a_restart_while_idle_goes_unnoticed(self):
        first = self.serve(gives_tokens(1))
        session = self.session()
        self.go(session.token("github"))
        first.join()
        first.stop()
        self.serve(gives_tokens(1))
        self.go(session.token("github", fresh=True))

    def test_a_call_that_got_no_answer_is_repeated_once_where_safe(self):
        def dies(peer):
            gives_tokens(1)(peer)
            peer.expect("GetToken")
        self.serve(dies, lambda peer: peer.expect("GetToken"))
        session = self.session()
        self.go(session.token("github"))
        self.refused(DaemonUnavailable, session.token("github"))
        self.assertEqual(self.server.connections, 2)

    def test_a_call_on_a_new_connection_is_repeated_once_too(self):
        self.serve(lambda peer: peer.expect("GetToken"), gives_tokens(1))
        self.go(self.session().token("github"))
        self.assertEqual(self.server.connections, 2)

    def test_a_child_of_fork_uses_a_connection_of_its_own(self):
        self.serve(gives_tokens(2), lambda peer: peer.answer("GetToken", token=token_fields(id="child")))
        session = self.session()
        self.go(session.token("github"))
        context = multiprocessing.get_context("fork")
        results = context.SimpleQueue()
        child = context.Process(
            target=lambda: results.put(asyncio.run(session.token("github")).id))
        child.start()
        child.join(scripted.LIMIT)
        self.assertEqual((child.exitcode, results.get()), (0, "child"))
        self.assertEqual(self.go(session.token("github")).id, "t-1")

    def test_signals_during_a_call_do_no_harm(self):
        before = signal.signal(signal.SIGUSR1, lambda number, frame: None)
        self.addCleanup(signal.signal, signal.SIGUSR1, before)

        def script(peer):
            peer.expect("GetToken")
            for _ in range(20):
                os.kill(os.getpid(), signal.SIGUSR1)
            peer.reply({"token": token_fields()})
        self.serve(script)
        self.assertEqual(self.go(self.session().token("github")).id, "t-1")


if __name__ == "__main__":
    import unittest
    unittest.main()
