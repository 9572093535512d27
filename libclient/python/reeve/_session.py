"""A session: this workload, in this container or unit, acts for this user until then."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Any, Callable, NamedTuple, Optional, Sequence, Type, Union

from ._ask import ask_for
from ._channel import Channel, Stream
from ._consent import ConsentStatus, Wait, longest, print_consent, status_from, wait_for
from ._errors import ConsentRequired, ReeveError, SessionInvalid
from ._reply import Fields, maybe_text, struct, text
from ._token import Token, token_from
from ._frames import Deadline
from ._private import PrivateDict, PrivateText

OnConsent = Callable[[ConsentRequired], Any]


class User(NamedTuple):
    """A person, named by issuer and subject; `name` is for people only."""

    issuer: str
    subject: str
    name: Optional[str] = None


def user_from(fields: Fields) -> Optional[User]:
    """For whom a session was opened."""
    if fields.get("user") is None:
        return None
    user = struct(fields, "user")
    return User(text(user, "issuer"), text(user, "subject"), maybe_text(user, "name"))


class Event(NamedTuple):
    """ready, token_refreshed, grant_revoked, session_ended, policy_changed, or a later one."""

    event: str
    provider: Optional[str]
    grant: Optional[str]


class Watch(Stream[Event]):
    """An iterator over the events of one session; Session.watch() makes it."""


def event_from(fields: Fields) -> Event:
    """The event in a reply."""
    return Event(text(fields, "event"), maybe_text(fields, "provider"), maybe_text(fields, "grant"))


class Session:
    """Made by Client.session(). Use it as a context manager, or call close().

    user: for whom, or None for the workload itself. expires_at: Unix seconds, or None where the
    handle came from elsewhere. handle: a secret of this workload, for a child's $REEVE_SESSION.
    """

    def __init__(self, channel: Channel, timeout: Optional[float], handle: str,
                 user: Optional[User] = None, expires_at: Optional[int] = None) -> None:
        self.handle: str = PrivateText(handle)
        self.user = user
        self.expires_at = expires_at
        self._channel = channel
        self._timeout = timeout
        self._pid = os.getpid()
        self._closed = False

    def __repr__(self) -> str:
        return f"<reeve.Session for {self.user!r}, expires_at {self.expires_at}>"

    def token(self, provider: str, scopes: Optional[Sequence[str]] = None,
              resource: Optional[str] = None, account: Optional[str] = None,
              min_valid: Optional[int] = None, fresh: bool = False,
              return_url: Optional[str] = None, return_state: Optional[str] = None,
              wait: bool = False, on_consent: Optional[OnConsent] = None,
              timeout: Optional[float] = None, acr_values: Optional[Sequence[str]] = None,
              max_age: Optional[int] = None) -> Token:
        """The user's access token at this provider.

        account: which, where the user has several. min_valid: seconds it must still live. fresh:
        ask the user again. Without a usable grant it raises ConsentRequired; with wait=True it
        gives that to on_consent (by default it prints link and phrase to stderr), waits for the
        user, and returns the token, or raises Declined, Refused, ConsentExpired or ConsentFailed.
        timeout is for all of it; without one each call has the client's timeout and the user has
        as long as the daemon gives. acr_values, max_age: what an API demanded by
        "insufficient_user_authentication" (RFC 9470).
        """
        ask = ask_for(provider, scopes, resource, account, min_valid, fresh, return_url,
                      return_state, acr_values, max_age)
        whole = None if timeout is None else Deadline(timeout)
        try:
            return self._get_token(ask, whole)
        except ConsentRequired as required:
            if not wait:
                raise
            consent = required
        (on_consent or print_consent)(consent)
        wait_for(Wait(provider, self._timeout),
                 lambda deadline: self._listen(consent.request, deadline),
                 whole or longest(self._timeout))
        ask["fresh"] = None                     # the user has just been asked
        return self._get_token(ask, whole)

    def await_consent(self, request: str, timeout: Optional[float] = None) -> Stream[ConsentStatus]:
        """An iterator over what becomes of a consent: its status now, then each change.

        request is that of a ConsentRequired. The last status is final; timeout is for all of it.
        """
        return self._listen(request, longest(self._timeout) if timeout is None else Deadline(timeout))

    def report_invalid(self, token: Union[Token, str]) -> None:
        """The API answered 401 to this token (or token id): the daemon drops it."""
        name = token.id if isinstance(token, Token) else token
        self._channel.call("ReportInvalid", PrivateDict(session=self._usable(), token=name),
                           Deadline(self._timeout), repeat=True)

    def watch(self, timeout: Optional[float] = None) -> Watch:
        """An iterator over events of this session, from now on; the first is `ready`.

        timeout is for each wait; after the Timeout it raises, the watch goes on. Without one it
        waits as long as it takes. DaemonUnavailable when the daemon goes away: watch again.
        """
        ready = Deadline(self._timeout)
        connection = self._channel.stream("Watch", PrivateDict(session=self._usable()), ready)
        seen = False

        def make(fields: Fields) -> Event:
            nonlocal seen
            seen = True
            return event_from(fields)

        return Watch(connection, make,
                     lambda: Deadline(timeout) if seen or timeout is not None else ready)

    def close(self) -> None:
        """Ends the session at the daemon; any number of times.

        In a child of fork() it only forgets the session, which is the parent's to end.
        """
        if self._closed:
            return
        self._closed = True
        if self._pid != os.getpid():
            return
        try:
            self._channel.call("CloseSession", PrivateDict(session=self.handle), Deadline(self._timeout),
                               repeat=True)
        except SessionInvalid:
            pass                                # it had ended already

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        try:
            self.close()
        except ReeveError:
            if error is None:                   # else let the first error be seen
                raise

    def _usable(self) -> str:
        if self._closed:
            raise SessionInvalid()
        return self.handle

    def _get_token(self, ask: PrivateDict, whole: Optional[Deadline]) -> Token:
        ask["session"] = self._usable()
        reply = self._channel.call("GetToken", ask, whole or Deadline(self._timeout),
                                   repeat=not ask["fresh"])
        return token_from(ask["provider"], struct(reply, "token"))

    def _listen(self, request: str, deadline: Deadline) -> Stream[ConsentStatus]:
        parameters = PrivateDict(session=self._usable(), request=request)
        return Stream(self._channel.stream("AwaitConsent", parameters, deadline), status_from,
                      lambda: deadline)
