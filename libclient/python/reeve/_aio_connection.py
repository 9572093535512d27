"""One connection to the daemon, for asyncio; knows nothing of tokens.

It waits for readiness (add_reader, add_writer), on every event loop that has these, and belongs to
no loop while nothing waits on it. A cancellation leaves what was read in place.
"""

from __future__ import annotations

import asyncio
import os
import select
import socket
from typing import Optional

from . import _trust
from ._errors import DaemonUnavailable
from ._frames import CHUNK, ConnectionLost, Deadline, Frames, Reply
from ._private import PrivateBytes
from ._varlink import BACKLOG_PAUSE, why_unavailable


async def _ready(fd: int, write: bool, deadline: Deadline) -> None:
    """Waits until the socket can be read or written; Timeout after the deadline."""
    loop = asyncio.get_running_loop()
    done: "asyncio.Future[None]" = loop.create_future()

    def settle() -> None:
        if not done.done():
            done.set_result(None)

    left = deadline.left()
    timer = None if left is None else loop.call_later(left, settle)
    (loop.add_writer if write else loop.add_reader)(fd, settle)
    try:
        await done
    finally:
        (loop.remove_writer if write else loop.remove_reader)(fd)
        if timer is not None:
            timer.cancel()
    deadline.left()


class AsyncConnection:
    """One stream to the daemon. For one task at a time, in the process that made it."""

    def __init__(self, checked: socket.socket) -> None:
        """Use open()."""
        self.pid = os.getpid()
        self._socket = checked
        self._frames = Frames()

    @classmethod
    async def open(cls, path: str, deadline: Deadline) -> AsyncConnection:
        """Connects and checks both halves of the trust rule; sends nothing."""
        me, configured = os.geteuid(), _trust.configured_uid()
        place = _trust.check_place(path, me, configured)
        connecting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connecting.setblocking(False)
            await _connect(connecting, place.path, deadline)
            _trust.check_peer(_trust.peer_uid(connecting), place, me, configured)
        except BaseException:
            connecting.close()
            raise
        return cls(connecting)

    async def send(self, frame: PrivateBytes, deadline: Deadline) -> None:
        """Sends one whole frame."""
        rest = frame
        while rest:
            sent = self._send_now(rest)
            if sent is None:
                await _ready(self._socket.fileno(), True, deadline)
            elif sent < 0:
                raise ConnectionLost(unsent=True)
            else:
                rest = PrivateBytes(rest[sent:])

    async def receive(self, deadline: Deadline) -> Reply:
        """The next reply. What was read stays over a Timeout or a cancellation."""
        while True:
            reply = self._frames.next()
            if reply is not None:
                return reply
            deadline.left()
            chunk = self._read_now()
            if chunk is None:
                await _ready(self._socket.fileno(), False, deadline)
            else:
                self._frames.feed(chunk)

    def _send_now(self, rest: PrivateBytes) -> Optional[int]:
        """How many bytes were taken: None for later, less than 0 for never."""
        try:
            return self._socket.send(rest, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return None
        except OSError:
            return -1

    def _read_now(self) -> Optional[PrivateBytes]:
        """What has come: None for nothing yet, empty for the end."""
        try:
            return PrivateBytes(self._socket.recv(CHUNK))
        except BlockingIOError:
            return None
        except OSError:
            return PrivateBytes()

    def is_quiet(self) -> bool:
        """Open, and with nothing to read: only then may the next call go out on it."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not self._frames and not poll.poll(0)

    def wake(self) -> None:
        """Ends a receive() that another task is in, as if the daemon had closed."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Closes our end; any number of times."""
        self._socket.close()


async def _connect(connecting: socket.socket, path: str, deadline: Deadline) -> None:
    while True:
        left = deadline.left()
        try:
            connecting.connect(path)
            return
        except BlockingIOError:                 # the backlog is full
            pass
        except OSError as error:
            raise DaemonUnavailable(why_unavailable(path, error)) from None
        await asyncio.sleep(BACKLOG_PAUSE if left is None else min(BACKLOG_PAUSE, left))
