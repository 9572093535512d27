"""The auth classes of httpx and requests, against a real HTTP server that takes one token only."""

from __future__ import annotations

import asyncio
import http.server
import importlib.util
import io
import threading
import unittest

import scripted
from scripted import DaemonTest, token_fields
from reeve import AsyncClient, AsyncSession, Session


class Api(http.server.BaseHTTPRequestHandler):
    """Takes the token named in the server's `good`; notes what came."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, self.headers.get("Authorization"), body))
        elsewhere = self.server.elsewhere if self.path == "/moved" else None
        good = self.headers.get("Authorization") == f"Bearer {self.server.good}"
        self.send_response(307 if elsewhere else 200 if good else 401)
        if elsewhere:
            self.send_header("Location", elsewhere)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST

    def log_message(self, *_):
        pass


class AuthTest(DaemonTest):
    """What both must do. `send(url, body)` of a subclass sends and returns the status."""

    def setUp(self):
        super().setUp()
        self.api, self.other = self.api_server("127.0.0.1"), self.api_server("127.0.0.2")
        self.api.elsewhere = f"{self.other.url}/there"

    def api_server(self, host):
        server = http.server.ThreadingHTTPServer((host, 0), Api)
        server.seen, server.good, server.elsewhere = [], "two", None
        server.url = f"http://{host}:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()

        def stop():
            server.shutdown()
            thread.join(scripted.LIMIT)
            server.server_close()
        self.addCleanup(stop)
        return server

    def lending(self, *tokens):
        """A daemon that lends these; each but the last must be reported before the next."""
        def script(peer):
            for number, value in enumerate(tokens):
                if number:
                    peer.answer("ReportInvalid")
                peer.answer("GetToken", token=token_fields(access_token=value, id=value))
            peer.until_closed()
        self.serve(script)

    def check_good(self):
        self.lending("two")
        self.assertEqual(self.send(f"{self.api.url}/x", b"body"), 200)
        self.assertEqual(self.api.seen, [("/x", "Bearer two", b"body")])

    def check_once_more(self):
        self.lending("one", "two")
        self.assertEqual(self.send(f"{self.api.url}/x", b"body"), 200)
        self.assertEqual(self.api.seen, [("/x", "Bearer one", b"body"), ("/x", "Bearer two", b"body")])
        self.assertEqual(self.server.asked[1]["token"], "one")

    def check_only_once(self):
        self.lending("one", "another")
        self.assertEqual(self.send(f"{self.api.url}/x", None), 401)
        self.assertEqual(len(self.api.seen), 2)

    def check_redirected(self):
        self.lending("one")
        self.assertEqual(self.send(f"{self.api.url}/moved", None), 401)
        self.assertEqual([auth for _, auth, _ in self.other.seen], [None],
                         "another host got a token, or was asked twice")


@unittest.skipUnless(importlib.util.find_spec("requests"), "requests is not installed")
class RequestsTest(AuthTest):
    def send(self, url, body):
        import requests
        import reeve.requests
        session = Session(self.client()._channel, scripted.LIMIT, "h")
        with requests.Session() as http_session:
            http_session.trust_env = False
            return http_session.post(
                url, data=body and io.BytesIO(body),
                auth=reeve.requests.Auth("github", ["repo"], session=session)).status_code

    def test_a_token_goes_along(self):
        self.check_good()

    def test_401_is_reported_and_the_request_with_its_file_sent_once_more(self):
        self.check_once_more()

    def test_a_second_401_is_the_answer(self):
        self.check_only_once()

    def test_a_host_to_which_a_redirect_leads_gets_no_token(self):
        self.check_redirected()


@unittest.skipUnless(importlib.util.find_spec("httpx"), "httpx is not installed")
class HttpxTest(AuthTest):
    def send(self, url, body):
        import httpx
        import reeve.httpx
        session = Session(self.client()._channel, scripted.LIMIT, "h")
        auth = reeve.httpx.Auth("github", ["repo"], session=session)
        with httpx.Client(auth=auth, follow_redirects=True, trust_env=False) as client:
            return client.post(url, content=body).status_code

    test_a_token_goes_along = AuthTest.check_good
    test_401_is_reported_and_the_request_sent_once_more = AuthTest.check_once_more
    test_a_second_401_is_the_answer = AuthTest.check_only_once
    test_a_host_to_which_a_redirect_leads_gets_no_token = AuthTest.check_redirected


@unittest.skipUnless(importlib.util.find_spec("httpx"), "httpx is not installed")
class AsyncHttpxTest(AuthTest):
    def send(self, url, body):
        import httpx
        import reeve.httpx

        async def story():
            client = AsyncClient(self.path)
            auth = reeve.httpx.Auth("github", ["repo"],
                                    session=AsyncSession(client._channel, scripted.LIMIT, "h"))
            async with httpx.AsyncClient(auth=auth, follow_redirects=True,
                                         trust_env=False) as http_client:
                answer = await http_client.post(url, content=body)
            client._channel.close()
            return answer.status_code
        return asyncio.run(story())

    test_a_token_goes_along = AuthTest.check_good
    test_401_is_reported_and_the_request_sent_once_more = AuthTest.check_once_more
    test_a_second_401_is_the_answer = AuthTest.check_only_once
    test_a_host_to_which_a_redirect_leads_gets_no_token = AuthTest.check_redirected


if __name__ == "__main__":
    unittest.main()
