"""Varlink frames and one connection that carries them; knows nothing of tokens.

A frame is a JSON object ended by a NUL byte. A Connection is one stream to the daemon, checked
(_trust.py) before its first byte. Every wait has a Deadline. Interrupted system calls are resumed
by Python itself; a signal handler that raises leaves the connection out of step, so the callers
drop it on any exception but Timeout of a stream.
"""

from __future__ import annotations

import errno
import json
import os
import select
import socket
import time
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from . import _trust
from ._errors import DaemonUnavailable, ProtocolError, Timeout

MAX_CALL = 256 * 1024           # what the daemon accepts
MAX_REPLY = 1024 * 1024         # what we accept
CHUNK = 64 * 1024
BACKLOG_PAUSE = 0.01            # between attempts while the daemon's backlog is full


class Deadline:
    """A point in time by which something must be over; None is never."""

    def __init__(self, seconds: Optional[float]) -> None:
        self._seconds = seconds
        endless = seconds is None or seconds > 1e8      # three years, and the reach of poll()
        self._end = None if endless or seconds is None else time.monotonic() + seconds

    def left(self) -> Optional[float]:
        """Seconds left, more than 0; None without end. Raises Timeout once it has passed."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise Timeout(f"no answer within {self._seconds:g} seconds: the daemon may be busy or "
                          "waiting for a provider; try again or give a longer timeout")
        return left


class Reply(NamedTuple):
    """One answer: parameters, or an error with parameters. `continues`: more will follow."""

    error: Optional[str]
    parameters: Dict[str, Any]
    continues: bool


class ConnectionLost(DaemonUnavailable):
    """The connection ended before one byte of the answer.

    unsent: the call did not leave whole either, so the daemon cannot have carried it out.
    """

    def __init__(self, unsent: bool) -> None:
        super().__init__("the daemon closed the connection without an answer: it may be "
                         "restarting; try again")
        self.unsent = unsent

    def __reduce__(self) -> Any:
        return (ConnectionLost, (self.unsent,))


def encode_call(method: str, parameters: Mapping[str, Any], more: bool = False) -> bytes:
    """The frame of one call; parameters that are None are left out."""
    call: Dict[str, Any] = {"method": method}
    given = {name: value for name, value in parameters.items() if value is not None}
    if given:
        call["parameters"] = given
    if more:
        call["more"] = True
    frame = json.dumps(call, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\0"
    if len(frame) > MAX_CALL:
        raise ProtocolError(f"the call is over {MAX_CALL} bytes: an argument is too long")
    return frame


def decode_reply(frame: bytes) -> Reply:
    """The reply in a frame (without its NUL). Errors never quote the frame."""
    value = _parse(frame)                       # raises outside an except: no context keeps it
    if not isinstance(value, dict):
        raise ProtocolError("the daemon's answer is not a JSON object: is this Reeve's socket?")
    error, continues = value.get("error"), value.get("continues")
    parameters = value.get("parameters")
    parameters = {} if parameters is None else parameters
    if (not isinstance(parameters, dict) or not isinstance(error, (str, type(None)))
            or not isinstance(continues, (bool, type(None)))):
        raise ProtocolError("the daemon's answer is not a Varlink reply: is this Reeve's socket?")
    return Reply(error, parameters, bool(continues))


def _parse(frame: bytes) -> Any:
    try:
        return json.loads(frame.decode("utf-8"), object_pairs_hook=_object,
                          parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _object(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class Connection:
    """One stream to the daemon. For one thread at a time, in the process that made it."""

    def __init__(self, path: str, deadline: Deadline) -> None:
        """Connects and checks both halves of the trust rule; sends nothing."""
        self.pid = os.getpid()
        self._buffer = bytearray()
        me, configured = os.geteuid(), _trust.configured_uid()
        place = _trust.check_place(path, me, configured)
        self._socket = _connect(place.path, deadline)
        try:
            _trust.check_peer(_trust.peer_uid(self._socket), place, me, configured)
        except BaseException:
            self._socket.close()
            raise

    def send(self, frame: bytes, deadline: Deadline) -> None:
        """Sends one whole frame."""
        self._socket.settimeout(deadline.left())
        try:
            self._socket.sendall(frame, socket.MSG_NOSIGNAL)
            return
        except socket.timeout:
            pass
        except OSError:
            raise ConnectionLost(unsent=True) from None
        raise Timeout("the daemon did not take the call in time: it may be busy; try again")

    def receive(self, deadline: Deadline) -> Reply:
        """The next reply. What was read stays buffered over a Timeout."""
        seen = 0
        while True:
            end = self._buffer.find(0, seen)
            seen = len(self._buffer)
            if max(end, seen if end < 0 else 0) > MAX_REPLY:
                raise ProtocolError(f"the daemon's answer is over {MAX_REPLY} bytes")
            if end >= 0:
                frame = bytes(self._buffer[:end])
                del self._buffer[:end + 1]
                return decode_reply(frame)
            self._buffer += self._read(deadline)

    def _read(self, deadline: Deadline) -> bytes:
        self._socket.settimeout(deadline.left())
        try:
            chunk = self._socket.recv(CHUNK)
        except socket.timeout:
            deadline.left()
            return b""
        except OSError:
            chunk = b""
        if not chunk and self._buffer:
            raise ProtocolError("the daemon's answer ends in the middle: it may have crashed; "
                                "look at its log and try again")
        if not chunk:
            raise ConnectionLost(unsent=False)
        return chunk

    def is_quiet(self) -> bool:
        """Open, and with nothing to read: only then may the next call go out on it."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not self._buffer and not poll.poll(0)

    def wake(self) -> None:
        """Ends a receive() that another thread is in, as if the daemon had closed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Closes our end; any number of times."""
        self._socket.close()


def _connect(path: str, deadline: Deadline) -> socket.socket:
    connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        while True:
            left = deadline.left()
            connecting.settimeout(left)
            try:
                connecting.connect(path)
                return connecting
            except BlockingIOError:                     # the backlog is full
                time.sleep(BACKLOG_PAUSE if left is None else min(BACKLOG_PAUSE, left))
    except OSError as error:
        connecting.close()
        raise DaemonUnavailable(_why_unavailable(path, error)) from None
    except BaseException:
        connecting.close()
        raise


def _why_unavailable(path: str, error: OSError) -> str:
    if error.errno == errno.ECONNREFUSED:
        return f"nobody listens on {path}: start the daemon (reeved)"
    if error.errno == errno.ENOENT:
        return (f"no socket {path}: start the daemon (reeved), or mount its directory if this is "
                "a container, or set REEVE_SOCKET")
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"no permission to connect to {path}: check the modes of the socket and its way"
    return f"cannot connect to {path}: {error.strerror or error}"
