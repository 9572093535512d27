"""The client: where the daemon is, and the sessions one opens there."""

from __future__ import annotations

import os
import stat
import threading
from types import TracebackType
from typing import Dict, NamedTuple, Optional, Sequence, Tuple, Type, Union

from ._channel import Channel
from ._errors import ReeveError, SessionInvalid
from ._identity import Identity, from_environment, identity
from ._reply import Fields, integer, maybe_text, text, text_map
from ._session import OnConsent, Session, user_from
from ._token import Token
from ._frames import Deadline

DEFAULT_SOCKET = "/run/reeve/agent/agent.sock"


def default_socket() -> str:
    """$REEVE_SOCKET, else that of the user's own daemon where it is there and the caller's, else the system's."""
    named = os.environ.get("REEVE_SOCKET")
    if named:
        return named
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    own = os.path.join(runtime, "reeve/agent.sock")
    try:
        seen = os.lstat(own)
    except OSError:
        return DEFAULT_SOCKET
    theirs = runtime.startswith("/") and stat.S_ISSOCK(seen.st_mode) and seen.st_uid == os.geteuid()
    return own if theirs else DEFAULT_SOCKET


class WhoAmI(NamedTuple):
    """What the kernel says of this process. No workload: the policy knows none such."""

    workload: Optional[str]
    evidence: Dict[str, str]


def whoami_from(reply: Fields) -> WhoAmI:
    """What WhoAmI answered."""
    return WhoAmI(maybe_text(reply, "workload"), text_map(reply, "evidence"))


class _Default:
    """The default session of one process, and the lock under which it is opened."""

    def __init__(self, session: Optional[Session] = None, owned: bool = False) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.session = session
        self.owned = owned                      # opened by this client in this process


class Client:
    """The way to one daemon.

    socket: by default $REEVE_SOCKET, else /run/reeve/agent/agent.sock. timeout: seconds for each
    call; None waits for ever. The other arguments are those of session() and say for whom the
    default session acts, which token() uses; without them, the session in $REEVE_SESSION, or the
    user whose token lies in the file $REEVE_USER_TOKEN_FILE.

    Making a Client connects to nothing. Threads may share one; their calls do not wait for each
    other. It survives fork() and a restart of the daemon, and may be used again after close().
    """

    def __init__(self, socket: Optional[str] = None, *, timeout: Optional[float] = 30,
                 user_token: Optional[str] = None, user: Optional[Tuple[str, str]] = None,
                 unix: bool = False, workload: bool = False,
                 lifetime: Optional[int] = None) -> None:
        path = socket or default_socket()
        self._channel = Channel(os.fspath(path))
        self._timeout = timeout
        self._identity = identity(user_token, user, unix, workload, lifetime)
        named = self._identity.ways() > 0
        self._handed = None if named else os.environ.get("REEVE_SESSION") or None
        self._default = _Default()

    def __repr__(self) -> str:
        return f"<reeve.Client of {self._channel.path!r}>"

    def whoami(self) -> WhoAmI:
        """What the daemon knows of this process, without any session."""
        reply = self._channel.call("WhoAmI", {}, Deadline(self._timeout), repeat=True)
        return whoami_from(reply)

    def session(self, *, user_token: Optional[str] = None,
                user: Optional[Tuple[str, str]] = None, unix: bool = False,
                workload: bool = False, lifetime: Optional[int] = None) -> Session:
        """Opens a session, by exactly one of four ways.

        user_token: a JWT of the user's sign-in, for this workload's audience. user: (issuer,
        subject), where the policy lets this workload name users. unix: the user this process runs
        as. workload: no user, the workload itself. lifetime: seconds, at most what policy gives.
        """
        named = identity(user_token, user, unix, workload, lifetime)
        user_token = None                       # a traceback may show this frame's variables
        return self._open(named)

    def default_session(self) -> Session:
        """The session that token() uses; opened when first needed."""
        return self._own_default().session or self._renew(None)

    def token(self, provider: str, scopes: Optional[Sequence[str]] = None,
              resource: Optional[str] = None, account: Optional[str] = None,
              min_valid: Optional[int] = None, fresh: bool = False,
              return_url: Optional[str] = None, return_state: Optional[str] = None,
              wait: bool = False, on_consent: Optional[OnConsent] = None,
              timeout: Optional[float] = None, acr_values: Optional[Sequence[str]] = None,
              max_age: Optional[int] = None) -> Token:
        """Session.token of the default session, which is opened anew once if it has ended."""
        def ask(session: Session) -> Token:
            return session.token(provider, scopes, resource, account, min_valid, fresh, return_url,
                                 return_state, wait, on_consent, timeout, acr_values, max_age)

        session = self.default_session()
        try:
            return ask(session)
        except SessionInvalid:
            if self._handed is not None:
                raise                           # not ours to open anew
        return ask(self._renew(session))

    def report_invalid(self, token: Union[Token, str]) -> None:
        """Session.report_invalid of the default session."""
        self.default_session().report_invalid(token)

    def close(self) -> None:
        """Ends the default session, if this client opened it, and drops the connection."""
        default, self._default = self._own_default(), _Default()
        try:
            if default.session is not None and default.owned:
                default.session.close()
        finally:
            self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        try:
            self.close()
        except ReeveError:
            if error is None:                   # else let the first error be seen
                raise

    def _own_default(self) -> _Default:
        default = self._default
        if default.pid != os.getpid():          # the parent's session may serve us; it ends it
            default = self._default = _Default(default.session)
        return default

    def _renew(self, ended: Optional[Session]) -> Session:
        """Opens the default session, unless another thread has replaced `ended` meanwhile."""
        default = self._own_default()
        with default.lock:
            if default.session is None or default.session is ended:
                default.session, default.owned = None, False
                default.session = self._first()
                default.owned = self._handed is None
            return default.session

    def _first(self) -> Session:
        if self._handed is not None:
            return Session(self._channel, self._timeout, self._handed)
        if self._identity.ways():
            return self._open(self._identity)
        return self._open(from_environment(self._identity.lifetime))

    def _open(self, named: Identity) -> Session:
        reply = self._channel.call("OpenSession", named.parameters(), Deadline(self._timeout))
        return Session(self._channel, self._timeout, text(reply, "session"), user_from(reply),
                       integer(reply, "expires_at"))
