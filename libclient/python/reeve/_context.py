"""For whom the code that runs now acts: a session per context, so that one process can serve many
users.

    with reeve.using(session):
        handle(message)             # @requires_token and the auth classes take this session

It is a context variable: each task has its own, and a thread begins without one (asyncio.to_thread
takes it along). Where none was named there is none: nothing falls back to somebody else's.
"""

from __future__ import annotations

import contextlib
import contextvars
from typing import Generator, Optional, TypeVar, Union

from ._aio_client import AsyncClient
from ._aio_session import AsyncSession
from ._client import Client
from ._errors import NoSession
from ._session import Session

# A client stands for its default session.
Acting = Union[Session, AsyncSession, Client, AsyncClient]
A = TypeVar("A", bound=Acting)

_current: "contextvars.ContextVar[Optional[Acting]]" = contextvars.ContextVar(
    "reeve_session", default=None)


@contextlib.contextmanager
def using(session: A) -> Generator[A, None, None]:
    """Makes it the session of this context until the block ends."""
    before = _current.set(session)
    try:
        yield session
    finally:
        _current.reset(before)


def acting(given: Optional[Acting] = None) -> Union[Session, Client]:
    """The given session, or that of this context, for code that blocks."""
    found = given or _current.get()
    if isinstance(found, (Session, Client)):
        return found
    raise _none(found, "a Session or Client")


def acting_async(given: Optional[Acting] = None) -> Union[AsyncSession, AsyncClient]:
    """The given session, or that of this context, for coroutines."""
    found = given or _current.get()
    if isinstance(found, (AsyncSession, AsyncClient)):
        return found
    raise _none(found, "an AsyncSession or AsyncClient")


def _none(found: Optional[Acting], wanted: str) -> NoSession:
    if found is None:
        return NoSession(f"nobody to act for here: name {wanted}, or run this inside "
                         "`with reeve.using(session):`")
    return NoSession(f"{wanted} is needed here, and there is a {type(found).__name__}: "
                     "coroutines take the asyncio classes, all else the others")
