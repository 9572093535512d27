"""What can go wrong, one class a case.

Every error of the package is a ReeveError, so `except reeve.ReeveError` catches all of it. The
text of an error says what to do; programs branch on the class and its attributes and never parse
the text. No text holds a token, a session handle, a ticket or bytes of an answer, and repr shows
the text only, so errors may be logged. The attributes of ConsentRequired are for the user's eyes.

The constructor arguments are kept in `args`, so errors survive pickling between processes.
"""

from __future__ import annotations

from typing import Any, Optional


def plain(text: str) -> str:
    """Foreign text made fit for a message: one line, printable, at most 200 characters."""
    shown = "".join(c if c.isprintable() else "?" for c in text)
    return shown if len(shown) <= 200 else shown[:197] + "..."


class ReeveError(Exception):
    """The base of all errors here."""

    def __init__(self, *fields: Any) -> None:
        super().__init__(*fields)

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else type(self).__name__

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


# The way to the daemon.


class DaemonUnavailable(ReeveError):
    """No daemon answers: the socket is absent or refused, or the connection ended."""


class DaemonUntrusted(ReeveError):
    """Something may stand in the daemon's place (the rule is in _trust.py). Nothing was sent."""


class ProtocolError(ReeveError):
    """The other side does not speak as io.reeve.Agent says; the connection was dropped."""


class Timeout(ReeveError):
    """No answer in time. The daemon may still carry the call out."""


class NoSession(ReeveError):
    """The client was given no identity to open its default session with."""


# What the daemon says no with: the errors of io.reeve.Agent, in its order.


class ConsentRequired(ReeveError):
    """The user must be asked first.

    Show `url` and `phrase` to the user, and to nobody else, and wait on `request` with
    Session.await_consent; or call Session.token with wait=True, which does both.
    """

    def __init__(self, provider: str, reason: str, url: Optional[str], phrase: Optional[str],
                 request: str, expires_at: int) -> None:
        super().__init__(provider, reason, url, phrase, request, expires_at)
        self.provider = provider
        self.reason = reason
        self.url = url
        self.phrase = phrase
        self.request = request
        self.expires_at = expires_at

    def __str__(self) -> str:
        return (f"{plain(self.provider)} needs the user's consent ({plain(self.reason)}): show "
                "the error's url and phrase to the user, or ask again with wait=True")


class Denied(ReeveError):
    """The policy does not allow this to this workload."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (f"denied by policy ({plain(self.reason)}): ask the operator; `reeve explain` "
                "shows the rule")


class SessionInvalid(ReeveError):
    """The session is unknown, ended, or was opened elsewhere; these look the same."""

    def __str__(self) -> str:
        return "the session has ended or was not opened by this workload here: open a new one"


class UserTokenInvalid(ReeveError):
    """The user token does not prove a user to this workload."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (f"the user token was refused ({plain(self.reason)}): get a new one from the "
                "user's sign-in, made out to this workload's audience")


class RequestInvalid(ReeveError):
    """No such consent request in this session, or not any more."""

    def __str__(self) -> str:
        return "the consent request is unknown or over: ask for the token again"


class Unavailable(ReeveError):
    """The daemon cannot do it just now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the daemon cannot do this now ({plain(self.reason)}): try again later"


class UnknownProvider(ReeveError):
    """The daemon has no provider of this name."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider

    def __str__(self) -> str:
        return f"no provider {plain(self.provider)!r} is configured: check the name"


class ProviderFailed(ReeveError):
    """The provider answered with an error, or not at all; `error` is its OAuth error code."""

    def __init__(self, provider: str, error: str, description: Optional[str] = None,
                 retry_after: Optional[int] = None) -> None:
        super().__init__(provider, error, description, retry_after)
        self.provider = provider
        self.error = error
        self.description = description
        self.retry_after = retry_after

    def __str__(self) -> str:
        when = "later" if self.retry_after is None else f"in {self.retry_after} seconds"
        return f"{plain(self.provider)} failed ({plain(self.error)}): try again {when}"


class LimitReached(ReeveError):
    """Too many at once or too often; `limit` names which limit."""

    def __init__(self, limit: str, retry_after: Optional[int] = None) -> None:
        super().__init__(limit, retry_after)
        self.limit = limit
        self.retry_after = retry_after

    def __str__(self) -> str:
        when = "later" if self.retry_after is None else f"in {self.retry_after} seconds"
        return f"the limit {plain(self.limit)!r} is reached: close what is not needed, try {when}"


# How a consent can end, other than well.


class ConsentEnded(ReeveError):
    """The consent that was waited for did not lead to a grant."""

    advice = "the consent ended without a grant"

    def __init__(self, provider: str, reason: Optional[str] = None) -> None:
        super().__init__(provider, reason)
        self.provider = provider
        self.reason = reason

    def __str__(self) -> str:
        why = f" ({plain(self.reason)})" if self.reason else ""
        return f"{plain(self.provider)}: {self.advice}{why}"


class Declined(ConsentEnded):
    """The user said no, here or at the provider."""

    advice = "the user declined; do not ask again unless the user wants it"


class Refused(ConsentEnded):
    """The daemon ended it: somebody else tried to answer for the user."""

    advice = "the consent was refused; make sure that the link reaches only its user"


class ConsentExpired(ConsentEnded):
    """Nobody answered in time."""

    advice = "nobody answered in time; ask for the token again when the user is there"


class ConsentFailed(ConsentEnded):
    """The provider answered the consent with an error."""

    advice = "the consent failed; ask for the token again"


# The errors of org.varlink.service, which every Varlink service may answer with.


class ServiceError(ReeveError):
    """The daemon does not understand the call; most often it is older or newer than this."""


class MethodNotFound(ServiceError):
    """The daemon has no such method or interface; `name` is what was not found."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the daemon does not know {plain(self.name)}: update the daemon or this package"


class InvalidParameter(ServiceError):
    """An argument was refused; `parameter` is its name."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter

    def __str__(self) -> str:
        return f"the daemon refused the parameter {plain(self.parameter)!r}: check its value"


class PermissionDenied(ServiceError):
    """This socket does not serve this caller."""

    def __str__(self) -> str:
        return "the daemon does not serve this caller here: check the socket and the policy"


class UnknownError(ServiceError):
    """An error this version does not know; `name` is its Varlink name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"the daemon answered {plain(self.name)}, which is unknown here: update this package"
