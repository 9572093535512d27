from __future__ import annotations

import os
import socket
import unittest

from scripted import DaemonTest, SECRET, token_fields
from reeve import Client, NoSession, SessionInvalid


class DefaultTest(DaemonTest):
    """The session behind Client.token()."""

    def test_is_opened_when_first_needed_and_ended_with_the_client(self):
        def script(peer):
            peer.open_session()
            for _ in range(2):
                peer.answer("GetToken", token=token_fields())
            peer.answer("CloseSession")
        server = self.serve(script)
        with self.client(user_token="jwt", lifetime=60) as client:
            client.token("github")
            client.token("github", scopes=["repo"])
        self.assertEqual(server.asked, [
            {"as": "token", "user_token": "jwt", "lifetime": 60},
            {"session": "handle-1", "provider": "github"},
            {"session": "handle-1", "provider": "github", "scopes": ["repo"]},
            {"session": "handle-1"}])

    def test_is_opened_anew_once_it_has_ended(self):
        def script(peer):
            peer.open_session("h1")
            peer.expect("GetToken")
            peer.error("SessionInvalid")
            peer.open_session("h2")
            peer.answer("GetToken", token=token_fields())
            peer.expect("GetToken")
            peer.error("SessionInvalid")
            peer.open_session("h3")
            peer.expect("GetToken")
            peer.error("SessionInvalid")
        server = self.serve(script)
        client = self.client(workload=True)
        self.assertEqual(str(client.token("github")), SECRET)
        self.assertRaises(SessionInvalid, client.token, "github")    # and not for ever
        self.assertEqual([a["session"] for a in server.asked if "session" in a],
                         ["h1", "h2", "h2", "h3"])

    def test_one_from_the_environment_is_used_and_not_ended(self):
        self.environment("REEVE_SESSION", "given")
        def script(peer):
            peer.answer("GetToken", token=token_fields())
            peer.expect("GetToken")
            peer.error("SessionInvalid")
            peer.until_closed()
        server = self.serve(script)
        with self.client() as client:
            client.token("github")
            self.assertRaises(SessionInvalid, client.token, "github")
        server.join()
        self.assertEqual([a["session"] for a in server.asked], ["given", "given"])

    def test_arguments_go_before_the_environment(self):
        self.environment("REEVE_SESSION", "given")
        self.serve(lambda peer: peer.open_session("own"))
        self.assertEqual(self.client(unix=True).default_session().handle, "own")

    def test_the_token_file_is_read_at_each_opening(self):
        name = os.path.join(self.directory, "user-token")
        self.environment("REEVE_USER_TOKEN_FILE", name)
        def script(peer):
            peer.open_session()
            peer.expect("GetToken")
            with open(name, "w") as file:
                file.write("second")
            peer.error("SessionInvalid")
            peer.open_session()
            peer.answer("GetToken", token=token_fields())
        server = self.serve(script)
        with open(name, "w") as file:
            file.write(" first\n")
        self.client().token("github")
        self.assertEqual([a["user_token"] for a in server.asked if "as" in a],
                         ["first", "second"])

    def test_a_bad_token_file_is_said_and_not_quoted(self):
        name = os.path.join(self.directory, "user-token")
        self.environment("REEVE_USER_TOKEN_FILE", name)
        for content in (None, b"", b" \n", SECRET.encode() + b"\xff", SECRET.encode() * 3000):
            if content is not None:
                with open(name, "wb") as file:
                    file.write(content)
            with self.subTest(content=content and content[:8]), \
                    self.assertRaises(NoSession) as caught:
                self.client().token("github")
            self.assertIn(name, str(caught.exception))
            self.assert_no_secret(caught.exception)

    def test_nobody_to_act_for_is_an_error_that_says_what_to_do(self):
        with self.assertRaises(NoSession) as caught:
            self.client().token("github")
        self.assertIn("REEVE_USER_TOKEN_FILE", str(caught.exception))

    def test_the_socket_is_argument_then_environment_then_default(self):
        self.assertEqual(Client()._channel.path, "/run/reeve/agent/agent.sock")
        self.environment("REEVE_SOCKET", self.path)
        self.assertEqual(Client()._channel.path, self.path)
        self.assertEqual(Client("/elsewhere")._channel.path, "/elsewhere")

    def test_the_users_own_daemon_goes_before_the_systems_where_it_is_his(self):
        runtime = os.path.join(self.directory, "run")
        own = os.path.join(runtime, "reeve/agent.sock")
        os.makedirs(os.path.dirname(own))
        self.environment("XDG_RUNTIME_DIR", runtime)
        self.assertEqual(Client()._channel.path, "/run/reeve/agent/agent.sock")
        with open(own, "w", encoding="utf-8"):
            pass
        self.assertEqual(Client()._channel.path, "/run/reeve/agent/agent.sock", "no socket")
        os.unlink(own)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(own)
            self.assertEqual(Client()._channel.path, own)
            if os.geteuid() == 0:
                os.chown(own, 12345, 12345)
                self.assertEqual(Client()._channel.path, "/run/reeve/agent/agent.sock", "another's")
        self.environment("REEVE_SOCKET", self.path)
        self.assertEqual(Client()._channel.path, self.path)


if __name__ == "__main__":
    unittest.main()
