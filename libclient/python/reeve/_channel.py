"""Calls to the daemon: some kept connections for calls, an own connection for each stream.

When a call may be sent twice. The daemon may restart at any moment. A kept connection that has
ended is noticed before anything is sent and replaced. If a connection, kept or new, ends in the
call, that is repeated once, on a new one, if it never left whole, or if no byte of an answer came
and the caller said that the call is safe to repeat.

Threads may share a channel, and a call that waits for a provider keeps no other waiting: each has a
connection to itself. Idle ones are kept for the next call, and at most MAX_OPEN calls are on their
way, the rest wait their turn. A child of fork() gets a state of its own at its first call and
leaves the parent's connections alone.
"""

from __future__ import annotations

import os
import threading
from types import TracebackType
from typing import Any, Callable, Dict, Generic, List, Mapping, Optional, Type, TypeVar

from ._errors import ProtocolError, ReeveError, Timeout
from ._frames import ConnectionLost, Deadline, Reply, encode_call
from ._reply import AGENT, Fields, error_of
from ._varlink import Connection

T = TypeVar("T")
S = TypeVar("S", bound="Stream[Any]")


MAX_OPEN = 16                   # connections; the daemon limits how many a uid may have


class _State:
    """What belongs to one process: the idle connections, and the turns of those who call."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self.turns = threading.BoundedSemaphore(MAX_OPEN)
        self.idle: List[Connection] = []        # append and pop need no lock

    def take(self) -> Optional[Connection]:
        """An idle connection that can still be used; it is idle no more."""
        while True:
            try:
                kept = self.idle.pop()
            except IndexError:
                return None
            if kept.is_quiet():
                return kept
            kept.close()

    def drop(self) -> None:
        """Closes this process's copies of the idle connections."""
        try:
            while True:
                self.idle.pop().close()
        except IndexError:
            pass


class Channel:
    """The way to the daemon behind one socket path. Connects when first used."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._state = _State()

    def call(self, method: str, parameters: Mapping[str, Any], deadline: Deadline,
             repeat: bool = False) -> Dict[str, Any]:
        """One call, one answer. repeat: it does no harm if the daemon carries it out twice."""
        frame = encode_call(AGENT + method, parameters)
        state = self._own_state()
        if not state.turns.acquire(timeout=deadline.left()):
            raise Timeout("calls of other threads kept this client busy: try again, or give each "
                          "group of threads a Client")
        try:
            reply = self._exchange(state, frame, deadline, repeat)
        finally:
            state.turns.release()
        return unwrap(reply)

    def stream(self, method: str, parameters: Mapping[str, Any], deadline: Deadline) -> Connection:
        """Sends a call with `more` on a new connection and returns that."""
        connection = Connection(self.path, deadline)
        try:
            connection.send(encode_call(AGENT + method, parameters, more=True), deadline)
        except ConnectionLost:
            pass                                # reading tells why
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Drops the idle connections; the next call makes a new one."""
        self._own_state().drop()

    def _own_state(self) -> _State:
        state = self._state
        if state.pid != os.getpid():
            state.drop()
            state = self._state = _State()
        return state

    def _exchange(self, state: _State, frame: bytes, deadline: Deadline, repeat: bool) -> Reply:
        kept = state.take()
        try:
            if kept is not None:
                return _once(state, kept, frame, deadline)
            return _once(state, Connection(self.path, deadline), frame, deadline, fresh=True)
        except ConnectionLost as lost:
            if not (lost.unsent or repeat):
                raise
        return _once(state, Connection(self.path, deadline), frame, deadline, fresh=True)


def _once(state: _State, connection: Connection, frame: bytes, deadline: Deadline,
          fresh: bool = False) -> Reply:
    """One attempt. The connection is kept if it is in step afterwards, else closed."""
    try:
        try:
            connection.send(frame, deadline)
        except ConnectionLost:
            if not fresh:
                raise                           # else it may have said why before it closed
        reply = connection.receive(deadline)
        if reply.continues:
            raise ProtocolError("the daemon sent a stream for a single answer")
    except BaseException:
        connection.close()
        raise
    state.idle.append(connection)
    return reply


def unwrap(reply: Reply) -> Dict[str, Any]:
    """What was answered, or the typed error."""
    if reply.error is not None:
        raise error_of(reply.error, reply.parameters)
    return reply.parameters


class Stream(Generic[T]):
    """An iterator over the answers to one call with `more`, on a connection of its own.

    It ends with the last answer, or by close(), from another thread too. A Timeout leaves it
    usable: the next next() waits on. Any other error ends it.
    """

    def __init__(self, connection: Connection, make: Callable[[Fields], T],
                 deadline: Callable[[], Deadline]) -> None:
        """make turns an answer into a value; deadline is asked before each wait."""
        self._connection = connection
        self._make = make
        self._deadline = deadline
        self._over = False
        self._reading = False

    def __iter__(self: S) -> S:
        return self

    def __next__(self) -> T:
        if self._connection.pid != os.getpid():
            raise ReeveError("this stream belongs to the process that opened it: open another "
                             "after fork()")
        self._reading = True
        try:
            if self._over:
                raise StopIteration
            return self._next()
        finally:
            self._reading = False
            if self._over:
                self._connection.close()

    def _next(self) -> T:
        try:
            reply = self._connection.receive(self._deadline())
            self._over = self._over or not reply.continues
            return self._make(unwrap(reply))
        except Timeout:
            raise
        except ConnectionLost:
            if self._over:                      # by close() in another thread
                raise StopIteration from None
            self._over = True
            raise
        except BaseException:
            self._over = True
            raise

    def close(self) -> None:
        """Ends the stream. A next() that waits in another thread ends too."""
        self._over = True
        if self._connection.pid == os.getpid() and self._reading:
            self._connection.wake()
        else:
            self._connection.close()

    def __enter__(self: S) -> S:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()
