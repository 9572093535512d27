"""One connection to the daemon, for programs that block; knows nothing of tokens.

A Connection is checked (_trust.py) before its first byte. Every wait has a Deadline. Interrupted
system calls are resumed by Python itself; a signal handler that raises leaves the connection out of
step, so the callers drop it on any exception but Timeout of a stream.
"""

from __future__ import annotations

import errno
import os
import select
import socket
import time

from . import _trust
from ._errors import DaemonUnavailable, Timeout
from ._frames import CHUNK, ConnectionLost, Deadline, Frames, Reply

BACKLOG_PAUSE = 0.01            # between attempts while the daemon's backlog is full


class Connection:
    """One stream to the daemon. For one thread at a time, in the process that made it."""

    def __init__(self, path: str, deadline: Deadline) -> None:
        """Connects and checks both halves of the trust rule; sends nothing."""
        self.pid = os.getpid()
        self._frames = Frames()
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
        """The next reply. What was read stays over a Timeout."""
        while True:
            reply = self._frames.next()
            if reply is not None:
                return reply
            self._read(deadline)

    def _read(self, deadline: Deadline) -> None:
        self._socket.settimeout(deadline.left())
        try:
            chunk = self._socket.recv(CHUNK)
        except socket.timeout:
            deadline.left()
            return
        except OSError:
            chunk = b""
        self._frames.feed(chunk)

    def is_quiet(self) -> bool:
        """Open, and with nothing to read: only then may the next call go out on it."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not self._frames and not poll.poll(0)

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
        raise DaemonUnavailable(why_unavailable(path, error)) from None
    except BaseException:
        connecting.close()
        raise


def why_unavailable(path: str, error: OSError) -> str:
    """Why connect() failed, and what to do."""
    if error.errno == errno.ECONNREFUSED:
        return f"nobody listens on {path}: start the daemon (reeved)"
    if error.errno == errno.ENOENT:
        return (f"no socket {path}: start the daemon (reeved), or mount its directory if this is "
                "a container, or set REEVE_SOCKET")
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"no permission to connect to {path}: check the modes of the socket and its way"
    return f"cannot connect to {path}: {error.strerror or error}"
