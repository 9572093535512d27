"""A false daemon on a real Unix socket, which answers as a test says.

A script is a function of one Peer a connection; the scripts of a server are used one a connection,
in order. What they raise fails the test at stop(). Nothing here sleeps.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import unittest
from typing import Any, Callable, Dict, List, Optional

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import reeve  # noqa: E402  (from this tree)

AGENT = "io.reeve.Agent."
SECRET = "ghu_16C7e42F292c6912E7710c838347Ae178B4a"
LIMIT = 10                      # seconds until a test that hangs is failed


class Peer:
    """One accepted connection, seen from the daemon's side."""

    def __init__(self, accepted: socket.socket, asked: List[Dict[str, Any]]) -> None:
        self.socket = accepted
        self._asked = asked
        self.socket.settimeout(LIMIT)
        self._buffer = b""

    def call(self) -> Optional[Dict[str, Any]]:
        """The next call, or None when the client has closed."""
        while b"\0" not in self._buffer:
            try:
                chunk = self.socket.recv(65536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return None
            self._buffer += chunk
        frame, self._buffer = self._buffer.split(b"\0", 1)
        call = json.loads(frame)
        self._asked.append(call.get("parameters", {}))
        return call

    def expect(self, method: str) -> Dict[str, Any]:
        """The parameters of the next call, which must be this method."""
        call = self.call()
        assert call is not None, f"closed instead of {method}"
        assert call["method"] == AGENT + method, call["method"]
        return call.get("parameters", {})

    def raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def reply(self, parameters: Optional[Dict[str, Any]] = None, **more: Any) -> None:
        self.raw(json.dumps({"parameters": parameters or {}, **more}).encode() + b"\0")

    def error(self, name: str, **parameters: Any) -> None:
        name = name if "." in name else AGENT + name
        self.raw(json.dumps({"error": name, "parameters": parameters}).encode() + b"\0")

    def answer(self, method: str, **parameters: Any) -> None:
        """Expects a call and answers it."""
        self.expect(method)
        self.reply(parameters)

    def open_session(self, handle: str = "handle-1") -> None:
        self.answer("OpenSession", session=handle, user=None, expires_at=2000000000)

    def until_closed(self) -> None:
        assert self.call() is None, "a call too many"


Script = Callable[[Peer], None]


class Server:
    """Listens at a path and runs one script a connection.

    asked: the parameters of every call, noted before it is answered.
    """

    def __init__(self, path: str, *scripts: Script) -> None:
        self.path = path
        self.asked: List[Dict[str, Any]] = []
        self.connections = 0
        self.failures: List[BaseException] = []
        self._scripts = list(scripts)
        self._workers: List[threading.Thread] = []
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(path)
        self._socket.listen(8)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        for script in self._scripts:
            try:
                accepted, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            worker = threading.Thread(target=self._run, args=(script, accepted), daemon=True)
            self._workers.append(worker)
            worker.start()

    def _run(self, script: Script, accepted: socket.socket) -> None:
        with accepted:
            try:
                script(Peer(accepted, self.asked))
            except BaseException as error:      # shown by stop()
                self.failures.append(error)

    def join(self) -> None:
        """Waits until every script has run to its end."""
        self._thread.join(LIMIT)
        for worker in self._workers:
            worker.join(LIMIT)
            assert not worker.is_alive(), "a script did not end"
        assert not self._thread.is_alive(), "a script was never used"

    def unlisten(self) -> None:
        """Takes no more connections, as a daemon that has died."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._socket.close()

    def stop(self) -> None:
        """Stops listening, removes the socket, raises what a script raised."""
        self.unlisten()
        self._thread.join(LIMIT)
        for worker in self._workers:
            worker.join(LIMIT)
        if os.path.exists(self.path):
            os.unlink(self.path)
        if self.failures:
            raise self.failures[0]


class DaemonTest(unittest.TestCase):
    """A test with a directory of its own, a clean environment, and servers in it."""

    def setUp(self) -> None:
        self.directory = tempfile.mkdtemp(prefix="reeve-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.path = os.path.join(self.directory, "agent.sock")
        for name in [name for name in os.environ if name.startswith("REEVE_")]:
            self.addCleanup(os.environ.__setitem__, name, os.environ.pop(name))

    def environment(self, name: str, value: str) -> None:
        os.environ[name] = value
        self.addCleanup(os.environ.pop, name, None)

    def serve(self, *scripts: Script, path: Optional[str] = None) -> Server:
        server = Server(path or self.path, *scripts)
        self.addCleanup(server.stop)
        self.server = server
        return server

    def client(self, path: Optional[str] = None, **arguments: Any) -> "reeve.Client":
        """A client that drops its connection when the test is over."""
        client = reeve.Client(path or self.path, **arguments)
        self.addCleanup(client._channel.close)
        return client

    def assert_no_secret(self, error: BaseException) -> None:
        """Nothing that a log could make of an error holds the token."""
        seen: Optional[BaseException] = error
        while seen is not None:
            self.assertNotIn(SECRET, str(seen))
            self.assertNotIn(SECRET, repr(seen))
            self.assertNotIn(SECRET, repr(vars(seen)))
            self.assertNotIn(SECRET, repr(seen.args))
            seen = seen.__cause__ or seen.__context__


def token_fields(**changes: Any) -> Dict[str, Any]:
    """The `token` of a GetToken reply."""
    fields = {"id": "t-1", "access_token": SECRET, "token_type": "Bearer",
              "expires_at": 1999999999, "scopes": ["repo"], "grant": "g-1",
              "account": "octo-alice"}
    fields.update(changes)
    return fields


def consent_fields(**changes: Any) -> Dict[str, Any]:
    """The parameters of a ConsentRequired error."""
    fields = {"provider": "github", "reason": "no_grant",
              "url": "https://agents.example.com/connect/ticket-1", "phrase": "amber fox",
              "request": "request-1", "expires_at": 1999999999}
    fields.update(changes)
    return fields
