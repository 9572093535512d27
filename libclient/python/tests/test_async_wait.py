"""The asyncio client where it waits: for a user's answer, for events."""

from __future__ import annotations

import asyncio
import threading

import scripted
from scripted import consent_fields
from test_async import AsyncTest, gives_tokens
from reeve import (ConsentRequired, DaemonUnavailable, Declined, ReeveError, SessionInvalid,
                   Timeout)


class WaitTest(AsyncTest):
    """Consents and events."""

    @staticmethod
    def asks(then=None):
        def main(peer):
            peer.expect("GetToken")
            peer.error("ConsentRequired", **consent_fields())
            if then is not None:
                then(peer)
        return main

    @staticmethod
    def told(*statuses, continues=False):
        def script(peer):
            assert peer.expect("AwaitConsent") == {"session": "handle-1", "request": "request-1"}
            for status in statuses[:-1]:
                peer.reply({"status": status}, continues=True)
            peer.reply({"status": statuses[-1]}, continues=continues)
        return script

    def test_the_user_agrees_and_a_coroutine_shows_the_link(self):
        shown = []

        async def show(consent):
            await asyncio.sleep(0)
            shown.append((consent.url, consent.phrase))
        self.serve(self.asks(gives_tokens(1)), self.told("pending", "granted"))
        token = self.go(self.session().token("github", wait=True, on_consent=show))
        self.assertEqual(token.id, "t-0")
        self.assertEqual(shown, [("https://agents.example.com/connect/ticket-1", "amber fox")])

    def test_without_wait_it_is_raised(self):
        self.serve(self.asks())
        error = self.refused(ConsentRequired, self.session().token("github"))
        self.assertEqual(error.request, "request-1")

    def test_the_user_declines(self):
        self.serve(self.asks(), self.told("pending", "declined"))
        self.refused(Declined, self.session().token("github", wait=True, on_consent=print_nothing))

    def test_the_wait_is_taken_up_again_after_a_restart(self):
        def dies(peer):
            peer.expect("AwaitConsent")
            peer.reply({"status": "pending"}, continues=True)
        self.serve(self.asks(gives_tokens(1)), dies, self.told("granted"))
        self.go(self.session().token("github", wait=True, on_consent=print_nothing))

    def test_a_wait_can_be_cancelled(self):
        def waits(peer):
            peer.expect("AwaitConsent")         # it may be gone before it is told a thing
            peer.until_closed()

        async def story():
            pending = asyncio.Event()
            waiting = asyncio.ensure_future(self.session().token(
                "github", wait=True, on_consent=lambda consent: pending.set()))
            await pending.wait()
            waiting.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await waiting
        self.serve(self.asks(), waits)
        self.go(story())

    def test_a_watch_begins_with_async_with_and_ends_with_the_daemon(self):
        async def story():
            seen = []
            async with self.session().watch() as watch:
                async for event in watch:
                    seen.append((event.event, event.provider))
            return seen

        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.reply({"event": "grant_revoked", "provider": "github", "grant": "g"}, continues=True)
            peer.reply({"event": "session_ended"})
        self.serve(script)
        self.assertEqual(self.go(story()), [("ready", None), ("grant_revoked", "github"),
                                            ("session_ended", None)])

    def test_a_daemon_that_dies_ends_a_watch_with_a_typed_error(self):
        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)

        async def story():
            async with self.session().watch() as watch:
                async for _ in watch:
                    pass
        self.serve(script)
        self.refused(DaemonUnavailable, story())

    def test_a_watch_goes_on_after_a_timeout_and_a_cancelled_step(self):
        go_on = threading.Event()
        self.addCleanup(go_on.set)

        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            go_on.wait(scripted.LIMIT)
            peer.reply({"event": "token_refreshed"}, continues=True)
            peer.until_closed()

        async def story():
            async with self.session().watch(timeout=0.05) as watch:
                while True:                     # the first may take longer than that, too
                    try:
                        self.assertEqual((await watch.__anext__()).event, "ready")
                        break
                    except Timeout:
                        pass
                with self.assertRaises(Timeout):
                    await watch.__anext__()
                step = asyncio.ensure_future(watch.__anext__())
                await asyncio.sleep(0)
                with self.assertRaises(ReeveError):
                    await watch.__anext__()     # one task at a time
                step.cancel()
                with self.assertRaises(asyncio.CancelledError):
                    await step
                go_on.set()
                while True:
                    try:
                        return (await watch.__anext__()).event
                    except Timeout:
                        pass
        self.serve(script)
        self.assertEqual(self.go(story()), "token_refreshed")

    def test_close_ends_a_step_that_waits(self):
        def script(peer):
            peer.expect("Watch")
            peer.reply({"event": "ready"}, continues=True)
            peer.until_closed()

        async def story():
            watch = self.session().watch()
            await watch.__anext__()
            step = asyncio.ensure_future(watch.__anext__())
            await asyncio.sleep(0.01)
            watch.close()
            with self.assertRaises(StopAsyncIteration):
                await step
        self.serve(script)
        self.go(story())

    def test_after_close_nothing_is_asked(self):
        async def story():
            session = self.session()
            await session.close()
            await session.close()
            with self.assertRaises(SessionInvalid):
                await session.token("github")
            with self.assertRaises(SessionInvalid):
                session.watch()
        self.serve(lambda peer: peer.answer("CloseSession"))
        self.go(story())


def print_nothing(consent):
    """The user is shown nothing; the script on the other side answers for her."""


if __name__ == "__main__":
    import unittest
    unittest.main()
