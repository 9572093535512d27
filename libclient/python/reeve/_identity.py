"""For whom a session acts: the four ways to say it, and where a default comes from."""

from __future__ import annotations

import os
from typing import Any, NamedTuple, Optional, Tuple

from ._errors import NoSession
from ._private import PrivateBytes, PrivateDict, PrivateText

MAX_TOKEN_FILE = 64 * 1024


class Identity(NamedTuple):
    """What OpenSession is told. At most one of the first four; a name of a file is read late,
    at each opening, since such files are renewed in place."""

    user_token: Optional[str] = None
    user: Optional[Tuple[str, str]] = None
    unix: bool = False
    workload: bool = False
    lifetime: Optional[int] = None
    token_file: Optional[str] = None

    def __repr__(self) -> str:
        return "<identity>"                     # the user token must not show

    def ways(self) -> int:
        """How many of the four were given."""
        given = (self.user_token is not None, self.user is not None, self.unix, self.workload)
        return sum(map(bool, given))

    def parameters(self) -> PrivateDict:
        """The parameters of OpenSession."""
        if self.token_file is not None:
            return _fields("token", self.lifetime, user_token=_read(self.token_file))
        if self.ways() != 1:
            raise TypeError("give one of user_token=, user=, unix=True, workload=True")
        if self.user_token is not None:
            return _fields("token", self.lifetime, user_token=self.user_token)
        if self.user is not None:
            issuer, subject = self.user[:2]
            user = {"issuer": issuer, "subject": subject}
            return _fields("asserted", self.lifetime, user=user)
        return _fields("unix" if self.unix else "workload", self.lifetime)


def identity(user_token: Optional[str], user: Optional[Tuple[str, str]], unix: bool,
             workload: bool, lifetime: Optional[int]) -> Identity:
    """What the caller named, if anything; at most one way."""
    named = Identity(None if user_token is None else PrivateText(user_token), user, unix, workload,
                     lifetime)
    if named.ways() > 1:
        raise TypeError("give one of user_token=, user=, unix=True, workload=True")
    return named


def from_environment(lifetime: Optional[int]) -> Identity:
    """The identity in $REEVE_USER_TOKEN_FILE, the name of a file that holds the user token."""
    name = os.environ.get("REEVE_USER_TOKEN_FILE", "")
    if not name:
        raise NoSession("nobody to act for: give Client one of user_token=, user=, unix=True, "
                        "workload=True, or set REEVE_SESSION or REEVE_USER_TOKEN_FILE")
    return Identity(lifetime=lifetime, token_file=name)


def _fields(way: str, lifetime: Optional[int], **how: Any) -> PrivateDict:
    return PrivateDict({"as": way, "lifetime": lifetime, **how})


def _read(name: str) -> str:
    """The token in the file. Errors never quote it."""
    try:
        with open(name, "rb") as file:
            raw = PrivateBytes(file.read(MAX_TOKEN_FILE + 1).strip())
    except OSError as error:
        raise NoSession(f"cannot read the user token in {name}: {error.strerror}") from None
    if not raw or len(raw) > MAX_TOKEN_FILE or not raw.isascii():
        raise NoSession(f"{name} does not hold a user token: it is empty, too long or not text")
    return PrivateText(raw, "ascii")
