"""Varlink frames and deadlines: pure, shared by the synchronous and the asyncio connection.

A frame is a JSON object ended by a NUL byte. Nothing here waits or touches a socket.
"""

from __future__ import annotations

import json
import time
from typing import Any, List, Mapping, NamedTuple, Optional, Tuple

from ._errors import DaemonUnavailable, ProtocolError, Timeout
from ._private import PrivateBuffer, PrivateBytes, PrivateDict

MAX_CALL = 256 * 1024           # what the daemon accepts
MAX_REPLY = 1024 * 1024         # what we accept
CHUNK = 64 * 1024


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
    parameters: PrivateDict
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


def encode_call(method: str, parameters: Mapping[str, Any], more: bool = False) -> PrivateBytes:
    """The frame of one call; parameters that are None are left out."""
    call = PrivateDict(method=method)
    given = PrivateDict((name, value) for name, value in parameters.items() if value is not None)
    if given:
        call["parameters"] = given
    if more:
        call["more"] = True
    frame = PrivateBytes(
        json.dumps(call, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\0")
    if len(frame) > MAX_CALL:
        raise ProtocolError(f"the call is over {MAX_CALL} bytes: an argument is too long")
    return frame


def decode_reply(frame: PrivateBytes) -> Reply:
    """The reply in a frame (without its NUL). Errors never quote the frame."""
    value = _parse(frame)                       # raises outside an except: no context keeps it
    if value is None:
        raise ProtocolError("the daemon's answer is not a JSON object: is this Reeve's socket?")
    reply = _reply(value)
    if reply is None:
        raise ProtocolError("the daemon's answer is not a Varlink reply: is this Reeve's socket?")
    return reply


def _parse(frame: PrivateBytes) -> Optional[PrivateDict]:
    try:
        value = json.loads(frame.decode("utf-8"), object_pairs_hook=_object,
                           parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, PrivateDict) else None


def _reply(value: PrivateDict) -> Optional[Reply]:
    error, continues = value.get("error"), value.get("continues")
    parameters = value.get("parameters")
    parameters = PrivateDict() if parameters is None else parameters
    if (not isinstance(parameters, PrivateDict) or not isinstance(error, (str, type(None)))
            or not isinstance(continues, (bool, type(None)))):
        return None
    return Reply(error, parameters, bool(continues))


def _object(pairs: List[Tuple[str, Any]]) -> PrivateDict:
    found = PrivateDict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


class Frames:
    """What has arrived on a connection: bytes go in, replies come out."""

    def __init__(self) -> None:
        self._buffer = PrivateBuffer()
        self._seen = 0                          # so far without a NUL

    def __bool__(self) -> bool:
        """Whether anything is kept: the beginning of a reply, or replies nobody asked for."""
        return bool(self._buffer)

    def feed(self, chunk: bytes) -> None:
        """Takes what was read. An empty chunk is the end: it raises what that means."""
        if chunk:
            self._buffer += chunk
        elif self._buffer:
            raise ProtocolError("the daemon's answer ends in the middle: it may have crashed; "
                                "look at its log and try again")
        else:
            raise ConnectionLost(unsent=False)

    def next(self) -> Optional[Reply]:
        """The next whole reply, or None: more must be read."""
        end = self._buffer.find(0, self._seen)
        if (end if end >= 0 else len(self._buffer)) > MAX_REPLY:
            raise ProtocolError(f"the daemon's answer is over {MAX_REPLY} bytes")
        if end < 0:
            self._seen = len(self._buffer)
            return None
        frame = PrivateBytes(self._buffer[:end])
        del self._buffer[:end + 1]
        self._seen = 0
        return decode_reply(frame)
