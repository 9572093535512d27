"""A session, for asyncio: the calls of _session.py, awaited."""

from __future__ import annotations

import asyncio
import inspect
import os
from types import TracebackType
from typing import Any, Callable, Optional, Sequence, Type, Union

from ._aio_channel import AsyncChannel
from ._aio_stream import AsyncStream
from ._ask import ask_for
from ._consent import ConsentStatus, Wait, longest, print_consent, status_from
from ._errors import (ConsentRequired, DaemonUnavailable, ReeveError, SessionInvalid, Timeout)
from ._frames import Deadline
from ._private import PrivateDict, PrivateText
from ._reply import Fields, struct
from ._session import Event, User, event_from
from ._token import Token, token_from

# It may be a coroutine function; what it returns is awaited then.
AsyncOnConsent = Callable[[ConsentRequired], Any]


class AsyncWatch(AsyncStream[Event]):
    """An async iterator over the events of one session; AsyncSession.watch() makes it."""


class AsyncSession:
    """Made by AsyncClient.session(). Use it in `async with`, or await close().

    user, expires_at, handle: as those of Session.
    """

    def __init__(self, channel: AsyncChannel, timeout: Optional[float], handle: str,
                 user: Optional[User] = None, expires_at: Optional[int] = None) -> None:
        self.handle: str = PrivateText(handle)
        self.user = user
        self.expires_at = expires_at
        self._channel = channel
        self._timeout = timeout
        self._pid = os.getpid()
        self._closed = False

    def __repr__(self) -> str:
        return f"<reeve.AsyncSession for {self.user!r}, expires_at {self.expires_at}>"

    async def token(self, provider: str, scopes: Optional[Sequence[str]] = None,
                    resource: Optional[str] = None, account: Optional[str] = None,
                    min_valid: Optional[int] = None, fresh: bool = False,
                    return_url: Optional[str] = None, return_state: Optional[str] = None,
                    wait: bool = False, on_consent: Optional[AsyncOnConsent] = None,
                    timeout: Optional[float] = None, acr_values: Optional[Sequence[str]] = None,
                    max_age: Optional[int] = None) -> Token:
        """The user's access token at this provider: see Session.token. on_consent may be a
        coroutine function."""
        ask = ask_for(provider, scopes, resource, account, min_valid, fresh, return_url,
                      return_state, acr_values, max_age)
        whole = None if timeout is None else Deadline(timeout)
        try:
            return await self._get_token(ask, whole)
        except ConsentRequired as required:
            if not wait:
                raise
            consent = required
        shown = (on_consent or print_consent)(consent)
        if inspect.isawaitable(shown):
            await shown
        await self._granted(consent, whole or longest(self._timeout))
        ask["fresh"] = None                     # the user has just been asked
        return await self._get_token(ask, whole)

    def await_consent(self, request: str,
                      timeout: Optional[float] = None) -> AsyncStream[ConsentStatus]:
        """An async iterator over what becomes of a consent: see Session.await_consent."""
        return self._listen(request, longest(self._timeout) if timeout is None
                            else Deadline(timeout))

    async def report_invalid(self, token: Union[Token, str]) -> None:
        """The API answered 401 to this token (or token id): the daemon drops it."""
        name = token.id if isinstance(token, Token) else token
        await self._channel.call("ReportInvalid", PrivateDict(session=self._usable(), token=name),
                                 Deadline(self._timeout), repeat=True)

    def watch(self, timeout: Optional[float] = None) -> AsyncWatch:
        """An async iterator over events of this session; the first is `ready`: see Session.watch.
        It watches from `async with` on, or else from the first step."""
        fields = PrivateDict(session=self._usable())
        ready = Deadline(self._timeout)
        seen = False

        def make(reply: Fields) -> Event:
            nonlocal seen
            seen = True
            return event_from(reply)

        return AsyncWatch(lambda: self._channel.stream("Watch", fields, ready), make,
                          lambda: Deadline(timeout) if seen or timeout is not None else ready)

    async def close(self) -> None:
        """Ends the session at the daemon; any number of times. In a child of fork() it only
        forgets it."""
        if self._closed:
            return
        self._closed = True
        if self._pid != os.getpid():
            return
        try:
            await self._channel.call("CloseSession", PrivateDict(session=self.handle),
                                     Deadline(self._timeout), repeat=True)
        except SessionInvalid:
            pass                                # it had ended already

    async def __aenter__(self) -> AsyncSession:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        try:
            await self.close()
        except ReeveError:
            if error is None:                   # else let the first error be seen
                raise

    def _usable(self) -> str:
        if self._closed:
            raise SessionInvalid()
        return self.handle

    async def _get_token(self, ask: PrivateDict, whole: Optional[Deadline]) -> Token:
        ask["session"] = self._usable()
        reply = await self._channel.call("GetToken", ask, whole or Deadline(self._timeout),
                                         repeat=not ask["fresh"])
        return token_from(ask["provider"], struct(reply, "token"))

    def _listen(self, request: str, deadline: Deadline) -> AsyncStream[ConsentStatus]:
        fields = PrivateDict(session=self._usable(), request=request)
        return AsyncStream(lambda: self._channel.stream("AwaitConsent", fields, deadline),
                           status_from, lambda: deadline)

    async def _granted(self, consent: ConsentRequired, deadline: Deadline) -> None:
        """Returns once granted; raises how else it ended."""
        wait = Wait(consent.provider, self._timeout)
        while True:
            try:
                async with self._listen(consent.request, deadline) as updates:
                    async for update in updates:
                        if wait.granted(update):
                            return
                break
            except DaemonUnavailable as lost:
                await asyncio.sleep(wait.pause(lost, deadline))
            except Timeout:
                raise wait.late() from None
        raise wait.over()
