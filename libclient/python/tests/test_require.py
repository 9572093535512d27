"""@requires_token: what the function gets, and what nobody gets to see."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import threading
import typing
import unittest
from typing import Optional

import scripted
from scripted import DaemonTest, SECRET, consent_fields, token_fields
from reeve import (AsyncClient, AsyncSession, ConsentRequired, NoSession, Session, Token,
                   requires_token, using)


@requires_token(provider="github", scopes=["repo"])
def issues(repository: str, token: Token, limit: int = 10, *labels: str,
           state: Optional[str] = None) -> str:
    """Lists the issues of a repository."""
    return f"{repository} {limit} {labels} {state} {token}"


@requires_token("github", into="access")
async def issues_async(repository: str, *, access: Token) -> str:
    return f"{repository} {access}"


@requires_token("github")
def plain(token: Token, repository: str, limit: int = 10) -> str:
    return str(token)


class SignatureTest(unittest.TestCase):
    """Schemas are made from signatures and type hints."""

    def test_the_parameter_is_in_no_place_that_a_schema_is_made_from(self):
        for function, name in ((issues, "token"), (issues_async, "access")):
            for seen in (inspect.signature(function), inspect.signature(inspect.unwrap(function)),
                         inspect.signature(function, follow_wrapped=False)):
                self.assertNotIn(name, seen.parameters)
            self.assertNotIn(name, typing.get_type_hints(function))
            self.assertNotIn(name, function.__annotations__)
            self.assertNotIn(name, inspect.getfullargspec(function).args
                             + inspect.getfullargspec(function).kwonlyargs)

    def test_all_else_is_as_it_was(self):
        self.assertEqual(list(inspect.signature(issues).parameters),
                         ["repository", "limit", "labels", "state"])
        self.assertEqual(inspect.signature(issues).return_annotation, str)
        self.assertEqual(typing.get_type_hints(issues),
                         {"repository": str, "limit": int, "labels": str, "state": Optional[str],
                          "return": str})
        self.assertEqual((issues.__name__, issues.__doc__, issues.__module__),
                         ("issues", "Lists the issues of a repository.", __name__))
        self.assertTrue(inspect.iscoroutinefunction(issues_async))
        self.assertFalse(inspect.iscoroutinefunction(issues))

    def test_a_hint_that_cannot_be_looked_up_stays_text(self):
        @requires_token("github")
        def later(x: NotYetThere, token: Token) -> None:    # noqa: F821
            pass
        self.assertEqual(later.__annotations__, {"x": "NotYetThere", "return": "None"})

    def test_a_function_that_cannot_take_a_token_is_refused_when_it_is_decorated(self):
        def without(x): pass

        def variable(*token): pass

        def generator(token): yield

        async def async_generator(token): yield
        for function in (without, variable, generator, async_generator):
            self.assertRaises(TypeError, requires_token("github"), function)
        self.assertRaises(TypeError, requires_token, "github", wait="poll")
        self.assertRaises(TypeError, requires_token, "github", "repo")

    @unittest.skipUnless(importlib.util.find_spec("pydantic"), "pydantic is not installed")
    def test_pydantic_makes_no_schema_of_it(self):
        import pydantic
        for function in (plain, issues_async):
            schema = json.dumps(pydantic.TypeAdapter(function).json_schema())
            self.assertIn("repository", schema)
            self.assertNotIn("token", schema)
            self.assertNotIn("access", schema)

    @unittest.skipUnless(importlib.util.find_spec("pydantic"), "pydantic is not installed")
    def test_pydantic_lets_nobody_give_it(self):
        import pydantic
        with self.assertRaises(pydantic.ValidationError):
            pydantic.validate_call(plain)(repository="r", token="mine")

    @unittest.skipUnless(importlib.util.find_spec("mcp"), "the MCP SDK is not installed")
    def test_the_mcp_sdk_makes_no_schema_of_it(self):
        from mcp.server import mcpserver
        server = mcpserver.MCPServer("test")
        server.tool()(issues_async)
        tools = asyncio.run(server.list_tools())
        self.assertEqual(list(tools[0].input_schema["properties"]), ["repository"])


class CallTest(DaemonTest):
    """What happens at a call."""

    def session(self, *scripts, handle="handle-1"):
        self.serve(*scripts)
        return Session(self.client(timeout=scripted.LIMIT)._channel, scripted.LIMIT, handle)

    @staticmethod
    def tokens(count):
        return lambda peer: [peer.answer("GetToken", token=token_fields()) for _ in range(count)]

    def test_the_function_gets_a_token_wherever_the_parameter_stands(self):
        with using(self.session(self.tokens(3))):
            self.assertEqual(issues("r"), f"r 10 () None {SECRET}")
            self.assertEqual(issues("r", 5, "a", "b", state="open"),
                             f"r 5 ('a', 'b') open {SECRET}")
            self.assertEqual(issues(limit=1, repository="q"), f"q 1 () None {SECRET}")
        self.assertEqual(self.server.asked[0],
                         {"session": "handle-1", "provider": "github", "scopes": ["repo"]})

    def test_who_gives_the_token_all_the_same_is_refused_before_any_is_asked_for(self):
        with using(self.session()):
            for call in (lambda: issues("r", token="mine"), lambda: issues(), lambda: issues("r", nope=1)):
                with self.assertRaises(TypeError):
                    call()
        self.assertEqual(self.server.connections, 0)

    def test_a_parameter_for_all_else_does_not_let_it_in_either(self):
        @requires_token("github")
        def open_ended(token, **rest):
            return rest
        with using(self.session()):
            self.assertRaises(TypeError, open_ended, token="mine")

    def test_nobody_to_act_for_is_an_error_and_no_default(self):
        self.environment("REEVE_SESSION", "somebody")
        self.assertRaises(NoSession, issues, "r")
        self.assertRaises(NoSession, asyncio.run, issues_async("r"))

    def test_blocking_and_asyncio_are_not_mixed(self):
        client = AsyncClient(self.path)
        with using(client):
            self.assertRaises(NoSession, issues, "r")
        with using(self.client()):
            self.assertRaises(NoSession, asyncio.run, issues_async("r"))

    def test_push_waits_for_the_user_and_raise_does_not(self):
        def asks(peer):
            peer.expect("GetToken")
            peer.error("ConsentRequired", **consent_fields())

        def main(peer):
            asks(peer)
            peer.answer("GetToken", token=token_fields())
            asks(peer)
        session = self.session(main, lambda peer: peer.answer("AwaitConsent", status="granted"))
        shown = []
        pushed = requires_token("github", on_consent=shown.append, session=session)(
            lambda token: str(token))
        self.assertEqual(pushed(), SECRET)
        self.assertEqual(shown[0].phrase, "amber fox")
        raised = requires_token("github", wait="raise", session=session)(lambda token: None)
        self.assertRaises(ConsentRequired, raised)

    def test_tasks_that_run_at_once_get_each_their_own_users_token(self):
        count = 8

        def answers(peer):
            while True:
                call = peer.call()
                if call is None:
                    return
                peer.reply({"token": token_fields(
                    access_token="token-of-" + call["parameters"]["session"])})

        async def one(client, user):
            with using(AsyncSession(client._channel, scripted.LIMIT, user)):
                await asyncio.sleep(0)
                first = await issues_async("r")
                await asyncio.sleep(0)
                return user, first, await issues_async("r")

        async def all_of_them():
            client = AsyncClient(self.path)
            found = await asyncio.gather(*(one(client, f"user-{n}") for n in range(count)))
            client._channel.close()
            return found
        self.serve(*[answers] * (count + 1))
        for user, *got in asyncio.run(all_of_them()):
            self.assertEqual(got, [f"r token-of-{user}"] * 2)

    def test_a_thread_begins_without_anybody_and_may_be_given_somebody(self):
        seen = []

        def work():
            try:
                issues("r")
            except NoSession as error:
                seen.append(error)
        with using(self.session()):
            thread = threading.Thread(target=work)
            thread.start()
            thread.join(scripted.LIMIT)
        self.assertEqual(len(seen), 1)

    def test_the_context_is_as_before_after_the_block(self):
        session = self.session()
        with self.assertRaises(KeyError), using(session):
            raise KeyError
        self.assertRaises(NoSession, issues, "r")


if __name__ == "__main__":
    unittest.main()
