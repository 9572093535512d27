"""The client, for asyncio: where the daemon is, and the sessions one opens there."""

from __future__ import annotations

import asyncio
import os
from types import TracebackType
from typing import Optional, Sequence, Tuple, Type, Union

from ._aio_channel import AsyncChannel
from ._aio_session import AsyncOnConsent, AsyncSession
from ._client import default_socket, WhoAmI, whoami_from
from ._errors import ReeveError, SessionInvalid
from ._frames import Deadline
from ._identity import Identity, from_environment, identity
from ._reply import integer, text
from ._session import user_from
from ._token import Token


class AsyncClient:
    """The way to one daemon. The arguments are those of Client.

    Making one connects to nothing. Tasks of one event loop may share it, and their calls do not
    wait for each other; threads may not. It survives fork() and a restart of the daemon.
    """

    def __init__(self, socket: Optional[str] = None, *, timeout: Optional[float] = 30,
                 user_token: Optional[str] = None, user: Optional[Tuple[str, str]] = None,
                 unix: bool = False, workload: bool = False,
                 lifetime: Optional[int] = None) -> None:
        path = socket or default_socket()
        self._channel = AsyncChannel(os.fspath(path))
        self._timeout = timeout
        self._identity = identity(user_token, user, unix, workload, lifetime)
        named = self._identity.ways() > 0
        self._handed = None if named else os.environ.get("REEVE_SESSION") or None
        self._session: Optional[AsyncSession] = None
        self._opening: Optional["asyncio.Task[AsyncSession]"] = None

    def __repr__(self) -> str:
        return f"<reeve.AsyncClient of {self._channel.path!r}>"

    async def whoami(self) -> WhoAmI:
        """What the daemon knows of this process, without any session."""
        return whoami_from(await self._channel.call("WhoAmI", {}, Deadline(self._timeout),
                                                    repeat=True))

    async def session(self, *, user_token: Optional[str] = None,
                      user: Optional[Tuple[str, str]] = None, unix: bool = False,
                      workload: bool = False, lifetime: Optional[int] = None) -> AsyncSession:
        """Opens a session, by exactly one of four ways: see Client.session."""
        named = identity(user_token, user, unix, workload, lifetime)
        user_token = None                       # a traceback may show this frame's variables
        return await self._open(named)

    async def default_session(self) -> AsyncSession:
        """The session that token() uses; opened when first needed."""
        return self._session or await self._renew(None)

    async def token(self, provider: str, scopes: Optional[Sequence[str]] = None,
                    resource: Optional[str] = None, account: Optional[str] = None,
                    min_valid: Optional[int] = None, fresh: bool = False,
                    return_url: Optional[str] = None, return_state: Optional[str] = None,
                    wait: bool = False, on_consent: Optional[AsyncOnConsent] = None,
                    timeout: Optional[float] = None, acr_values: Optional[Sequence[str]] = None,
                    max_age: Optional[int] = None) -> Token:
        """AsyncSession.token of the default session, opened anew once if it has ended."""
        async def ask(session: AsyncSession) -> Token:
            return await session.token(provider, scopes, resource, account, min_valid, fresh,
                                       return_url, return_state, wait, on_consent, timeout,
                                       acr_values, max_age)

        session = await self.default_session()
        try:
            return await ask(session)
        except SessionInvalid:
            if self._handed is not None:
                raise                           # not ours to open anew
        return await ask(await self._renew(session))

    async def report_invalid(self, token: Union[Token, str]) -> None:
        """AsyncSession.report_invalid of the default session."""
        await (await self.default_session()).report_invalid(token)

    async def close(self) -> None:
        """Ends the default session, if this client opened it, and drops the connections."""
        opening, self._opening = self._opening, None
        if opening is not None and not opening.done():
            opening.cancel()
        session, self._session = self._session, None
        try:
            if session is not None and self._handed is None:
                await session.close()
        finally:
            self._channel.close()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                        trace: Optional[TracebackType]) -> None:
        try:
            await self.close()
        except ReeveError:
            if error is None:                   # else let the first error be seen
                raise

    async def _renew(self, ended: Optional[AsyncSession]) -> AsyncSession:
        """Opens the default session, unless another task has replaced `ended` meanwhile. Tasks
        that come at once share one opening, and each may be cancelled alone."""
        if self._session is not None and self._session is not ended:
            return self._session
        opening = self._opening
        if (opening is None or opening.done()
                or opening.get_loop() is not asyncio.get_running_loop()):
            self._session = None
            opening = self._opening = asyncio.ensure_future(self._first())
        return await asyncio.shield(opening)

    async def _first(self) -> AsyncSession:
        if self._handed is not None:
            self._session = AsyncSession(self._channel, self._timeout, self._handed)
        elif self._identity.ways():
            self._session = await self._open(self._identity)
        else:
            self._session = await self._open(from_environment(self._identity.lifetime))
        return self._session

    async def _open(self, named: Identity) -> AsyncSession:
        reply = await self._channel.call("OpenSession", named.parameters(),
                                         Deadline(self._timeout))
        return AsyncSession(self._channel, self._timeout, text(reply, "session"),
                            user_from(reply), integer(reply, "expires_at"))
