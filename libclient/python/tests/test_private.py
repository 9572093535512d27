"""Where a token must not show although nobody wrote it there: variables in tracebacks, cut texts."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import traceback
import unittest

import scripted
from scripted import DaemonTest, SECRET, token_fields
from reeve import AsyncClient, AsyncSession, Session
from reeve._token import token_from


class TracebackTest(DaemonTest):
    """Every way of failing, printed with the variables of all frames."""

    def shown(self, call):
        try:
            call()
        except BaseException as error:          # noqa: B902  (interrupts too)
            own = traceback.TracebackException.from_exception(error, capture_locals=True)
            # This file's own frames hold what the test made up.
            chain, text = own, []
            while chain is not None:
                text += [frame.line or "" for frame in chain.stack]
                for frame in chain.stack:
                    if frame.filename != __file__ and "/tests/" not in frame.filename:
                        text.append(str(frame.locals))
                chain = chain.__cause__ or chain.__context__
            return "".join(text) + str(error) + repr(error)
        self.fail("nothing was raised")

    def answers(self):
        """Scripts that fail the caller while a secret is on its way."""
        secret = SECRET.encode()
        yield "half", lambda peer: peer.raw(b'{"parameters":{"token":"' + secret)
        yield "no json", lambda peer: peer.raw(secret + b"\0")
        yield "duplicate", lambda peer: peer.raw(b'{"parameters":{"a":"' + secret + b'","a":1}}\0')
        yield "no object", lambda peer: peer.raw(b'["' + secret + b'"]\0')
        yield "no token", lambda peer: peer.reply({"other": SECRET})
        yield "a wrong type", lambda peer: peer.reply({"token": token_fields(id=7)})
        yield "a list", lambda peer: peer.reply({"token": token_fields(access_token=[SECRET])})
        yield "an odd error", lambda peer: peer.raw(b'{"error":["' + secret + b'"]}\0')
        yield "no header", lambda peer: peer.reply({"token": token_fields(access_token=SECRET + "\n")})
        yield "an error", lambda peer: peer.error("Denied", reason="scope", extra=SECRET)
        yield "a stream", lambda peer: peer.reply({"token": token_fields()}, continues=True)

    def test_no_failure_shows_the_token_or_the_session(self):
        for name, script in self.answers():
            def serve(peer, script=script):
                peer.expect("GetToken")
                script(peer)
            for kind in ("sync", "async"):
                with self.subTest(name=name, kind=kind):
                    path = f"{self.path}-{kind}"
                    server = self.serve(serve, path=path)
                    if kind == "sync":
                        channel = self.client(path)._channel
                        text = self.shown(lambda: Session(channel, 9, SECRET + "h").token("p"))
                    else:
                        client = AsyncClient(path)
                        text = self.shown(lambda: asyncio.run(
                            AsyncSession(client._channel, 9, SECRET + "h").token("p")))
                        client._channel.close()
                    self.assertNotIn(SECRET, text)
                    server.stop()

    def test_a_user_token_that_was_refused_is_not_shown(self):
        def script(peer):
            peer.expect("OpenSession")
            peer.error("UserTokenInvalid", reason="expired")
        self.serve(script, script)
        client = self.client()
        self.assertNotIn(SECRET, self.shown(lambda: client.session(user_token=SECRET)))
        asynchronous = AsyncClient(self.path, user_token=SECRET)
        self.assertNotIn(SECRET, self.shown(lambda: asyncio.run(asynchronous.default_session())))
        asynchronous._channel.close()

    def test_an_interrupt_in_the_middle_of_an_answer(self):
        class Interrupt(Exception):
            pass

        def interrupt(number, frame):
            raise Interrupt
        self.addCleanup(signal.signal, signal.SIGALRM, signal.signal(signal.SIGALRM, interrupt))

        def script(peer):
            peer.expect("GetToken")
            peer.raw(b'{"parameters":{"token":{"access_token":"' + SECRET.encode())
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            peer.until_closed()
        self.serve(script)
        channel = self.client()._channel
        text = self.shown(lambda: Session(channel, 9, SECRET + "h").token("p"))
        self.assertNotIn(SECRET, text)
        self.assertEqual(channel._state.idle, [], "a connection that is out of step was kept")


class CutTest(unittest.TestCase):
    """Printers that cut a text before they ask for its repr."""

    def test_a_piece_of_a_token_does_not_show_itself_but_is_one(self):
        token = token_from("github", token_fields())
        self.assertEqual(token[:8], SECRET[:8])
        for shown in (repr(token[:8]), repr([token[-4:]]), repr(token[0])):
            self.assertNotIn(SECRET[0:4], shown)
            self.assertNotIn(SECRET[-4:], shown)

    @unittest.skipUnless(importlib.util.find_spec("rich"), "rich is not installed")
    def test_rich_shows_nothing_of_it(self):
        import io
        import rich.console
        import rich.traceback

        def fails():
            token = token_from("github", token_fields(access_token=SECRET * 9))
            raise KeyError(len(token))
        output = io.StringIO()
        try:
            fails()
        except KeyError:
            rich.console.Console(file=output, width=200).print(
                rich.traceback.Traceback(show_locals=True))
        self.assertNotIn(SECRET[:12], output.getvalue())
        self.assertIn("token", output.getvalue())


if __name__ == "__main__":
    unittest.main()
