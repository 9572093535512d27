"""reeve: the access tokens that users delegated to this agent, from the Reeve daemon.

    from reeve import Client

    with Client(user_token=jwt) as client:
        token = client.token("github", scopes=["repo"], wait=True)
        headers = {"Authorization": f"Bearer {token}"}

AsyncClient is the same for asyncio, @requires_token gives a token to a function, and reeve.httpx and
reeve.requests hold an auth class each for those packages.

Only the daemon ever holds refresh tokens, client secrets and keys. See README.md.
"""

from __future__ import annotations

from ._aio_client import AsyncClient
from ._aio_session import AsyncSession, AsyncWatch
from ._aio_stream import AsyncStream
from ._channel import Stream
from ._client import Client, WhoAmI
from ._consent import ConsentStatus
from ._context import using
from ._errors import (ConsentEnded, ConsentExpired, ConsentFailed, ConsentRequired,
                      DaemonUnavailable, DaemonUntrusted, Declined, Denied, InvalidParameter,
                      LimitReached, MethodNotFound, NoSession, PermissionDenied, ProtocolError,
                      ProviderFailed, ReeveError, Refused, RequestInvalid, ServiceError,
                      SessionInvalid, Timeout, Unavailable, UnknownError, UnknownProvider,
                      UserTokenInvalid)
from ._require import requires_token
from ._session import Event, Session, User, Watch
from ._token import Token

__all__ = [
    "AsyncClient", "AsyncSession", "AsyncStream", "AsyncWatch", "Client", "ConsentEnded",
    "ConsentExpired", "ConsentFailed", "ConsentRequired", "ConsentStatus", "DaemonUnavailable",
    "DaemonUntrusted", "Declined", "Denied", "Event", "InvalidParameter", "LimitReached",
    "MethodNotFound", "NoSession", "PermissionDenied", "ProtocolError", "ProviderFailed",
    "ReeveError", "Refused", "RequestInvalid", "ServiceError", "Session", "SessionInvalid",
    "Stream", "Timeout", "Token", "Unavailable", "UnknownError", "UnknownProvider", "User",
    "UserTokenInvalid", "Watch", "WhoAmI", "requires_token", "using",
]
