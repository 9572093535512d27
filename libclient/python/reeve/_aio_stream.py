"""The answers to one call with `more`, for asyncio."""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Any, AsyncIterator, Awaitable, Callable, Generic, Optional, Type, TypeVar

from ._aio_connection import AsyncConnection
from ._channel import unwrap
from ._errors import ReeveError, Timeout
from ._frames import ConnectionLost, Deadline
from ._reply import Fields

T = TypeVar("T")
S = TypeVar("S", bound="AsyncStream[Any]")


class AsyncStream(Generic[T], AsyncIterator[T]):
    """An async iterator over the answers to one call with `more`, on a connection of its own.

    The connection is made by `async with`, or at the first step. It ends with the last answer, or by close(). A Timeout
    and a cancellation leave it usable: the next step waits on. Any other error ends it. Use it in
    `async with` where the loop may be left early.
    """

    def __init__(self, connect: Callable[[], Awaitable[AsyncConnection]], make: Callable[[Fields], T],
                 deadline: Callable[[], Deadline]) -> None:
        """connect opens the connection, make turns an answer into a value; deadline is asked
        before each wait."""
        self._connect = connect
        self._make = make
        self._deadline = deadline
        self._pid = os.getpid()
        self._connection: Optional[AsyncConnection] = None
        self._over = False
        self._busy = False

    def __aiter__(self: S) -> S:
        return self

    async def __anext__(self) -> T:
        if self._pid != os.getpid():
            raise ReeveError("this stream belongs to the process that opened it: open another "
                             "after fork()")
        if self._busy:
            raise ReeveError("another task waits on this stream: give each task its own")
        self._busy = True
        try:
            if self._over:
                raise StopAsyncIteration
            return await self._next()
        finally:
            self._busy = False
            if self._over:
                self._drop()

    async def _next(self) -> T:
        try:
            if self._connection is None:
                self._connection = await self._connect()
            reply = await self._connection.receive(self._deadline())
            self._over = self._over or not reply.continues
            return self._make(unwrap(reply))
        except (Timeout, asyncio.CancelledError):
            raise
        except ConnectionLost:
            if self._over:                      # by close() in another task
                raise StopAsyncIteration from None
            self._over = True
            raise
        except BaseException:
            self._over = True
            raise

    def close(self) -> None:
        """Ends the stream. A step that waits in another task ends too."""
        self._over = True
        if self._busy and self._connection is not None:
            self._connection.wake()
        else:
            self._drop()

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    async def __aenter__(self: S) -> S:
        try:
            if self._connection is None and not self._over:
                self._connection = await self._connect()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        self._drop()
