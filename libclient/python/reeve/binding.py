"""reeve.binding: what a web front end of one's own asks the daemon, to play reeve-bind's part.

    from reeve.binding import Binding

    binding = Binding()
    question = binding.describe(browser, ticket)

The application walks the user's browser; the daemon decides at each step what may follow, and never
shows a token, an ID token or a secret. Read docs/examples/binder before you write one: the browser's
half of the checks (cookies, form tokens, Host, Origin) is the application's own.

One connection a call: a restart of the daemon goes unnoticed. May be used by several threads.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any, List, NamedTuple, Optional

from ._errors import DaemonUnavailable, LimitReached, ReeveError, Unavailable, plain
from ._frames import Deadline, encode_call
from ._reply import Fields, integer, items, maybe_integer, maybe_struct, maybe_text, text, texts
from ._varlink import Connection

__all__ = ["Away", "Binding", "ConnectionInfo", "Connections", "Disconnected", "FlowRefused", "NotSignedIn",
           "Outcome", "Page", "Question", "Returned", "TicketInvalid", "flow_id", "new_browser"]

INTERFACE = "io.reeve.Binding."


class TicketInvalid(ReeveError):
    """The ticket or handle is of no use: `reason` is unknown, expired, used or session_ended."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the link is of no use ({plain(self.reason)}): the agent makes another when it is asked again"


class NotSignedIn(ReeveError):
    """Nobody is signed in in this browser. `ended`: somebody was, and time has ended it."""

    def __init__(self, ended: bool = False) -> None:
        super().__init__()
        self.ended = ended

    def __str__(self) -> str:
        return "nobody is signed in in this browser: call sign_in()"


class FlowRefused(ReeveError):
    """A check failed (`reason`, a stable word) and nothing was done. After "changed", show the question again."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"refused ({plain(self.reason)}): the browser and the user that begin must finish"


class Away(NamedTuple):
    """Send the browser to authorize_url, with a cookie of this flow_id that holds flow."""

    authorize_url: str
    flow: str
    flow_id: str


class Page(NamedTuple):
    """What is asked of the user. digest goes back with start()."""

    workload: str
    provider: str
    scopes: List[str]
    resource: Optional[str]
    user: Optional[str]
    phrase: str
    digest: str
    expires_at: int


class Question(NamedTuple):
    """status: sign_in (ended: somebody was signed in, and time has ended it), sign_in_elsewhere (at issuer), wrong_user,
    ready (page is there), under_way (the provider has answered in this browser: go on to outcome() with handle),
    finished (outcome is there)."""

    status: str
    issuer: Optional[str]
    user: Optional[str]
    outcome: Optional[str]
    page: Optional[Page]
    handle: Optional[str] = None
    ended: bool = False


class Returned(NamedTuple):
    """outcome: signed_in (go to next, set the browser's cookie to new_browser), pending (go to the handle's page),
    failed."""

    outcome: str
    handle: Optional[str]
    next: Optional[str]
    new_browser: Optional[str]


class Outcome(NamedTuple):
    """outcome: granted, confirm (ask whether account is the one meant), declined, refused, expired, failed. next: the
    agent's return URL, complete."""

    outcome: str
    workload: Optional[str]
    provider: Optional[str]
    account: Optional[str]
    user: Optional[str]
    reason: Optional[str]
    other_accounts: List[str]
    next: Optional[str]


class ConnectionInfo(NamedTuple):
    """One of the user's grants. state: live, ended."""

    grant: str
    workload: str
    provider: str
    account: Optional[str]
    scopes: List[str]
    state: Optional[str]
    created_at: int
    used_at: Optional[int]


class Connections(NamedTuple):
    """All that a user has connected, as far as it is shown at this binding."""

    user: str
    connections: List[ConnectionInfo]


class Disconnected(NamedTuple):
    """said: revoked, no_endpoint, nothing, failed."""

    said: Optional[str]
    reason: Optional[str]
    lent_until: Optional[int]


def new_browser() -> str:
    """A new secret for the browser's cookie."""
    return secrets.token_urlsafe(32)


def flow_id(state: str) -> str:
    """Which flow's cookie belongs to the state that came back."""
    digest = hashlib.sha256(state.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()[:8]


class Binding:
    """The daemon's io.reeve.Binding. browser: the secret in the browser's cookie; empty where it brought none."""

    def __init__(self, socket: str = "/run/reeve/bind.sock", timeout: float = 30) -> None:
        self._socket = socket
        self._timeout = timeout

    def sign_in(self, browser: str, next: str, issuer: Optional[str] = None, other_user: bool = False) -> Away:
        """The user presses "Sign in". next: /, /connections, /connect/TICKET or /done/HANDLE."""
        return _away(self._call("SignIn", browser=browser, issuer=issuer, next=next, other_user=other_user))

    def describe(self, browser: str, ticket: str) -> Question:
        """What to show at a connect link. Changes nothing."""
        told = self._call("Describe", browser=browser, ticket=ticket)
        page = maybe_struct(told.get("page"))
        return Question(text(told, "status"), maybe_text(told, "issuer"), maybe_text(told, "user"),
                        maybe_text(told, "outcome"), _page(page) if page is not None else None,
                        maybe_text(told, "handle"), told.get("ended") is True)

    def start(self, browser: str, ticket: str, digest: str) -> Away:
        """The user presses "Continue" on the page with that digest."""
        return _away(self._call("Start", browser=browser, ticket=ticket, digest=digest))

    def decline(self, browser: str, ticket: str) -> Optional[str]:
        """The user presses "Decline". Returns where to go next, if anywhere."""
        return maybe_text(self._call("Decline", browser=browser, ticket=ticket), "next")

    def came_back(self, browser: str, redirect: str, state: str, flow: Optional[str] = None,
                  code: Optional[str] = None, iss: Optional[str] = None, error: Optional[str] = None,
                  error_description: Optional[str] = None) -> Returned:
        """The redirect came back to this URL (without its query), with these parameters and that flow's cookie."""
        told = self._call("Return", browser=browser, flow=flow, redirect=redirect, state=state, code=code, iss=iss,
                          error=error, error_description=error_description)
        return Returned(text(told, "outcome"), maybe_text(told, "handle"), maybe_text(told, "next"),
                        maybe_text(told, "new_browser"))

    def outcome(self, browser: str, handle: str) -> Outcome:
        """What came of it; waits until the provider has answered."""
        told = self._call("Outcome", browser=browser, handle=handle)
        return Outcome(text(told, "outcome"), maybe_text(told, "workload"), maybe_text(told, "provider"),
                       maybe_text(told, "account"), maybe_text(told, "user"), maybe_text(told, "reason"),
                       _texts(told, "other_accounts"), maybe_text(told, "next"))

    def confirm(self, browser: str, handle: str, accept: bool) -> Optional[str]:
        """The user says whether the account is the one meant. Returns where to go next, if anywhere."""
        return maybe_text(self._call("Confirm", browser=browser, handle=handle, accept=accept), "next")

    def connections(self, browser: str) -> Connections:
        """The signed-in user's own grants."""
        told = self._call("Connections", browser=browser)
        listed = items(told, "connections") or []
        return Connections(text(told, "user"), [_connection(maybe_struct(one) or {}) for one in listed])

    def disconnect(self, browser: str, grant: str) -> Disconnected:
        """Ends one of them, here and at the provider."""
        told = self._call("Disconnect", browser=browser, grant=grant)
        return Disconnected(maybe_text(told, "said"), maybe_text(told, "reason"), maybe_integer(told, "lent_until"))

    def sign_out(self, browser: str) -> None:
        """Nobody is signed in in this browser any more."""
        self._call("SignOut", browser=browser)

    def logout_token(self, logout_token: str) -> int:
        """An issuer's back-channel logout. Returns in how many browsers somebody was signed out."""
        return integer(self._call("LogoutToken", logout_token=logout_token), "ended")

    def _call(self, method: str, **parameters: Any) -> Fields:
        given = {name: value for name, value in parameters.items() if value is not None}
        deadline = Deadline(self._timeout)
        connection = Connection(self._socket, deadline)
        try:
            connection.send(encode_call(INTERFACE + method, given), deadline)
            reply = connection.receive(deadline)
        finally:
            connection.close()
        if reply.error is not None:
            raise _error(reply.error, reply.parameters)
        return reply.parameters


def _texts(told: Fields, name: str) -> List[str]:
    return texts(told, name) if told.get(name) is not None else []


def _away(told: Fields) -> Away:
    return Away(text(told, "authorize_url"), text(told, "flow"), text(told, "flow_id"))


def _page(told: Fields) -> Page:
    return Page(text(told, "workload"), text(told, "provider"), texts(told, "scopes"), maybe_text(told, "resource"),
                maybe_text(told, "user"), text(told, "phrase"), text(told, "digest"), integer(told, "expires_at"))


def _connection(fields: Fields) -> ConnectionInfo:
    return ConnectionInfo(text(fields, "grant"), text(fields, "workload"), text(fields, "provider"),
                          maybe_text(fields, "account"), texts(fields, "scopes"), maybe_text(fields, "state"),
                          integer(fields, "created_at"), maybe_integer(fields, "used_at"))


def _error(name: str, parameters: Fields) -> ReeveError:
    reason = maybe_text(parameters, "reason") or "unknown"
    if name == INTERFACE + "TicketInvalid":
        return TicketInvalid(reason)
    if name == INTERFACE + "NotSignedIn":
        return NotSignedIn(parameters.get("ended") is True)
    if name == INTERFACE + "FlowRefused":
        return FlowRefused(reason)
    if name == INTERFACE + "LimitReached":
        return LimitReached(maybe_text(parameters, "limit") or "?", maybe_integer(parameters, "retry_after"))
    if name == INTERFACE + "Unavailable":
        return Unavailable(reason)
    if name == "org.varlink.service.PermissionDenied":
        return DaemonUnavailable("this process is no binding's: see [binding.NAME], user or workload")
    return ReeveError(plain(name))
