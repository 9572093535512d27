"""Calls to the daemon from asyncio: some kept connections for calls.

The rules of _channel.py for when a call may be sent twice hold here too. What differs: tasks share
a channel, and a call that waits for a provider must not keep the others waiting. So each call has a
connection to itself; idle ones are kept for the next, and at most MAX_OPEN calls are on their way,
the rest wait their turn. A call whose task is cancelled closes its connection, so that nobody reads
the answer that was meant for another. One channel may serve one asyncio.run() after another.
"""

from __future__ import annotations

import asyncio
import os
from typing import Any, Dict, List, Mapping, Optional

from ._aio_connection import AsyncConnection
from ._channel import unwrap
from ._errors import ProtocolError
from ._frames import ConnectionLost, Deadline, Reply, encode_call
from ._private import PrivateBytes
from ._reply import AGENT

MAX_OPEN = 16                   # connections; the daemon limits how many a uid may have


class AsyncChannel:
    """The way to the daemon behind one socket path. Connects when first used."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._pid = os.getpid()
        self._idle: List[AsyncConnection] = []
        self._loop: Optional[asyncio.AbstractEventLoop] = None
        self._turns: Optional[asyncio.Semaphore] = None

    async def call(self, method: str, parameters: Mapping[str, Any], deadline: Deadline,
                   repeat: bool = False) -> Dict[str, Any]:
        """One call, one answer. repeat: it does no harm if the daemon carries it out twice."""
        frame = encode_call(AGENT + method, parameters)
        async with self._own_turns():
            deadline.left()
            kept = self._take()
            try:
                if kept is not None:
                    return unwrap(await self._once(kept, frame, deadline))
                return await self._anew(frame, deadline)
            except ConnectionLost as lost:
                if not (lost.unsent or repeat):
                    raise
            return await self._anew(frame, deadline)

    async def _anew(self, frame: PrivateBytes, deadline: Deadline) -> Dict[str, Any]:
        connection = await AsyncConnection.open(self.path, deadline)
        return unwrap(await self._once(connection, frame, deadline, fresh=True))

    async def stream(self, method: str, parameters: Mapping[str, Any],
                     deadline: Deadline) -> AsyncConnection:
        """Sends a call with `more` on a new connection and returns that."""
        connection = await AsyncConnection.open(self.path, deadline)
        try:
            await connection.send(encode_call(AGENT + method, parameters, more=True), deadline)
        except ConnectionLost:
            pass                                # reading tells why
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Drops the idle connections; the next call makes a new one."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _own_turns(self) -> asyncio.Semaphore:
        """The turns of this loop and process; a child of fork() leaves the parent's alone."""
        loop = asyncio.get_running_loop()
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self.close()                        # this process's copies only
            self._turns = None
        if self._turns is None or self._loop is not loop:
            self._loop, self._turns = loop, asyncio.Semaphore(MAX_OPEN)
        return self._turns

    def _take(self) -> Optional[AsyncConnection]:
        while self._idle:
            kept = self._idle.pop()
            if kept.is_quiet():
                return kept
            kept.close()
        return None

    async def _once(self, connection: AsyncConnection, frame: PrivateBytes, deadline: Deadline,
                    fresh: bool = False) -> Reply:
        """One attempt. The connection is kept if it is in step afterwards, else closed."""
        try:
            try:
                await connection.send(frame, deadline)
            except ConnectionLost:
                if not fresh:
                    raise                       # else it may have said why before it closed
            reply = await connection.receive(deadline)
            if reply.continues:
                raise ProtocolError("the daemon sent a stream for a single answer")
        except BaseException:                   # a cancellation too
            connection.close()
            raise
        if connection.pid == os.getpid():
            self._idle.append(connection)
        else:
            connection.close()
        return reply
