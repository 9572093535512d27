"""An auth class for `httpx`, synchronous and asyncio; import it where you have that package.

    httpx.AsyncClient(auth=reeve.httpx.Auth("github", ["repo"], session=session))

A 401 is reported to the daemon and the request sent once more, with the next token.
"""

from __future__ import annotations

from typing import Any, AsyncGenerator, Generator, Optional, Sequence

import httpx

from ._context import Acting, acting, acting_async


class Auth(httpx.Auth):
    """Puts the user's access token into each request, and asks for a new one once on 401.

    session: whose; by default that of reeve.using(): a Session with httpx.Client, an AsyncSession
    with httpx.AsyncClient. `ask` is passed to Session.token (wait=True, on_consent=...).
    """

    def __init__(self, provider: str, scopes: Optional[Sequence[str]] = None, *,
                 session: Optional[Acting] = None, **ask: Any) -> None:
        self._provider = provider
        self._scopes = scopes
        self._session = session
        self._ask = ask

    def sync_auth_flow(self, request: httpx.Request
                       ) -> Generator[httpx.Request, httpx.Response, None]:
        session = acting(self._session)
        request.read()                          # or a body that streams could not be sent again
        token = session.token(self._provider, self._scopes, **self._ask)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if not _refused(response, token):
            return
        session.report_invalid(token)
        fresh = session.token(self._provider, self._scopes, **self._ask)
        if fresh != token:
            request.headers["Authorization"] = f"Bearer {fresh}"
            yield request

    async def async_auth_flow(self, request: httpx.Request
                              ) -> AsyncGenerator[httpx.Request, httpx.Response]:
        session = acting_async(self._session)
        await request.aread()
        token = await session.token(self._provider, self._scopes, **self._ask)
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if not _refused(response, token):
            return
        await session.report_invalid(token)
        fresh = await session.token(self._provider, self._scopes, **self._ask)
        if fresh != token:
            request.headers["Authorization"] = f"Bearer {fresh}"
            yield request


def _refused(response: httpx.Response, token: str) -> bool:
    """401 to this token; not that of a host to which a redirect led, which never got it."""
    return (response.status_code == 401
            and response.request.headers.get("Authorization") == f"Bearer {token}")
