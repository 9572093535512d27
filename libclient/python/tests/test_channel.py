from __future__ import annotations

import multiprocessing
import os
import threading
import unittest

import scripted
from scripted import DaemonTest
from reeve import DaemonUnavailable, ReeveError, Timeout
from reeve._session import Session


def who(name):
    return {"workload": name, "evidence": {}}


class RestartTest(DaemonTest):
    """One connection is kept, and replaced once where that is safe."""

    def test_calls_share_a_connection(self):
        def script(peer):
            for name in "abc":
                peer.answer("WhoAmI", **who(name))
        server = self.serve(script)
        client = self.client()
        self.assertEqual([client.whoami().workload for _ in "abc"], ["a", "b", "c"])
        self.assertEqual(server.connections, 1)

    def test_a_restart_while_idle_goes_unnoticed_even_for_a_call_that_is_not_safe(self):
        first = self.serve(lambda peer: peer.answer("WhoAmI", **who("old")))
        client = self.client()
        client.whoami()
        first.join()
        first.stop()
        self.serve(lambda peer: peer.open_session("h2"))
        self.assertEqual(client.session(workload=True).handle, "h2")

    def test_a_call_that_got_no_answer_is_repeated_once_where_safe(self):
        def dies(peer):
            peer.answer("WhoAmI", **who("old"))
            peer.expect("WhoAmI")
        self.serve(dies, lambda peer: peer.answer("WhoAmI", **who("new")))
        client = self.client()
        client.whoami()
        self.assertEqual(client.whoami().workload, "new")

    def test_it_is_not_repeated_twice(self):
        def dies(peer):
            peer.answer("WhoAmI", **who("old"))
            peer.expect("WhoAmI")
        server = self.serve(dies, lambda peer: peer.expect("WhoAmI"))
        client = self.client()
        client.whoami()
        self.assertRaises(DaemonUnavailable, client.whoami)
        self.assertEqual(server.connections, 2)

    def test_on_a_new_connection_it_is_repeated_once_too(self):
        server = self.serve(lambda peer: peer.expect("WhoAmI"),
                            lambda peer: peer.answer("WhoAmI", **who("new")))
        self.assertEqual(self.client().whoami().workload, "new")
        self.assertEqual(server.connections, 2)

    def test_a_call_that_is_not_safe_is_not_repeated(self):
        """OpenSession would leave a second session; fresh would ask the user a second time."""
        def fresh(client):
            return Session(client._channel, 5, "h").token("p", fresh=True)

        for method, call in (("OpenSession", lambda client: client.session(workload=True)),
                             ("GetToken", fresh)):
            def dies(peer):
                peer.answer("WhoAmI", **who("old"))
                peer.expect(method)
            with self.subTest(method=method):
                server = self.serve(dies)
                client = self.client()
                client.whoami()
                with self.assertRaises(DaemonUnavailable):
                    call(client)
                self.assertEqual(server.connections, 1)
            self.doCleanups()
            self.setUp()

    def test_after_half_an_answer_nothing_is_repeated(self):
        def dies(peer):
            peer.answer("WhoAmI", **who("old"))
            peer.expect("WhoAmI")
            peer.raw(b'{"parameters"')
        server = self.serve(dies)
        client = self.client()
        client.whoami()
        self.assertRaises(ReeveError, client.whoami)
        self.assertEqual(server.connections, 1)

    def test_an_error_leaves_the_connection_in_use(self):
        def script(peer):
            peer.expect("WhoAmI")
            peer.error("Denied", reason="r")
            peer.answer("WhoAmI", **who("a"))
        self.serve(script)
        client = self.client()
        self.assertRaises(ReeveError, client.whoami)
        self.assertEqual(client.whoami().workload, "a")

    def test_a_client_may_be_used_again_after_close(self):
        self.serve(lambda peer: (peer.answer("WhoAmI", **who("a")), peer.until_closed()),
                   lambda peer: peer.answer("WhoAmI", **who("b")))
        with self.client() as client:
            client.whoami()
        self.assertEqual(client.whoami().workload, "b")


class ThreadTest(DaemonTest):
    """Threads that share a client."""

    @staticmethod
    def answers(peer):
        while True:
            call = peer.call()
            if call is None:
                return
            peer.reply({"session": call["parameters"]["user_token"], "expires_at": 9})

    def test_threads_may_share_a_client_and_each_gets_its_own_answer(self):
        server = self.serve(*[self.answers] * 17)
        client = self.client()
        wrong = []

        def work(name):
            for number in range(25):
                if client.session(user_token=f"{name}-{number}").handle != f"{name}-{number}":
                    wrong.append(name)
        threads = [threading.Thread(target=work, args=(name,)) for name in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(scripted.LIMIT)
        client.close()
        self.assertEqual(wrong, [])
        self.assertLessEqual(server.connections, 16)

    def test_a_call_that_waits_keeps_no_other_waiting(self):
        asked, release = threading.Event(), threading.Event()
        self.addCleanup(release.set)

        def slow(peer):
            peer.expect("WhoAmI")
            asked.set()
            release.wait(scripted.LIMIT)
            peer.reply(who("slow"))
        self.serve(slow, lambda peer: peer.answer("WhoAmI", **who("quick")))
        client = self.client(timeout=scripted.LIMIT)
        seen = []
        thread = threading.Thread(target=lambda: seen.append(client.whoami().workload))
        thread.start()
        self.assertTrue(asked.wait(scripted.LIMIT))
        self.assertEqual((client.whoami().workload, seen), ("quick", []))
        release.set()
        thread.join(scripted.LIMIT)
        self.assertEqual(seen, ["slow"])

    def test_who_gets_no_turn_in_time_is_told(self):
        client = self.client(timeout=0.05)
        turns = client._channel._state.turns
        while turns.acquire(blocking=False):
            self.addCleanup(turns.release)
        with self.assertRaises(Timeout) as caught:
            client.whoami()
        self.assertIn("other threads", str(caught.exception))


class ForkTest(DaemonTest):
    """A child never speaks on its parent's connection."""

    def in_child(self, work):
        """Runs work in a child of fork() and returns what it returned."""
        fork = multiprocessing.get_context("fork")
        ours, theirs = fork.Pipe()
        child = fork.Process(target=lambda: theirs.send(work()))
        child.start()
        self.addCleanup(child.join)
        self.assertTrue(ours.poll(scripted.LIMIT), "the child did not answer")
        return ours.recv()

    def test_the_child_connects_anew_and_the_parent_goes_on(self):
        def parent(peer):
            peer.answer("WhoAmI", **who("parent"))
            peer.answer("WhoAmI", **who("parent again"))
        server = self.serve(parent, lambda peer: peer.answer("WhoAmI", **who("child")))
        client = self.client()
        client.whoami()
        self.assertEqual(self.in_child(lambda: client.whoami().workload), "child")
        self.assertEqual(client.whoami().workload, "parent again")
        self.assertEqual(server.connections, 2)

    def test_locks_and_turns_that_other_threads_held_at_fork_do_not_hang_the_child(self):
        self.serve(lambda peer: peer.open_session("child"))
        client = self.client(timeout=5, workload=True)
        turns = client._channel._state.turns
        while turns.acquire(blocking=False):
            self.addCleanup(turns.release)
        with client._default.lock:
            self.assertEqual(self.in_child(lambda: client.default_session().handle), "child")

    def test_the_child_does_not_end_the_parents_session(self):
        def parent(peer):
            peer.open_session("h")
            peer.answer("CloseSession")
        server = self.serve(parent)
        with self.client(workload=True) as client:
            client.default_session()

            def child():
                client.default_session().close()
                client.close()
                return os.getpid()
            self.assertNotEqual(self.in_child(child), os.getpid())
        server.join()
        self.assertEqual((server.asked[1], server.connections), ({"session": "h"}, 1))

    def test_a_stream_is_not_read_in_a_child(self):
        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.reply({"event": "policy_changed"}, continues=True)
            peer.until_closed()
        self.serve(script)
        with Session(self.client()._channel, 5, "h").watch() as watch:
            self.assertEqual(next(watch).event, "ready")

            def child():
                try:
                    return next(watch).event
                except ReeveError as error:
                    return str(error)
                finally:
                    watch.close()
            self.assertIn("fork", self.in_child(child))
            self.assertEqual(next(watch).event, "policy_changed")


if __name__ == "__main__":
    unittest.main()
