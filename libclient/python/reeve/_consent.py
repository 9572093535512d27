"""Waiting for the user: what a consent can become, and how to sit it out.

The daemon pushes; nothing here polls. A consent outlives a restart of the daemon, so a wait whose
connection ends is taken up again, as long as the daemon comes back within the client's timeout.
"""

from __future__ import annotations

import sys
import time
from typing import Callable, Dict, NamedTuple, Optional, Type

from ._channel import Stream
from ._errors import (ConsentEnded, ConsentExpired, ConsentFailed, ConsentRequired,
                      DaemonUnavailable, Declined, ProtocolError, ReeveError, Refused,
                      Timeout, plain)
from ._reply import Fields, maybe_text, text
from ._frames import Deadline

LONGEST = 600                   # seconds a consent may stay open; the daemon's limit
PAUSES = (0.05, 0.2, 0.5, 1.0)  # between attempts while the daemon restarts

_ENDS: Dict[str, Type[ConsentEnded]] = {
    "declined": Declined, "refused": Refused, "expired": ConsentExpired, "failed": ConsentFailed}


class ConsentStatus(NamedTuple):
    """pending, granted, declined, refused, expired or failed; a later daemon may know more."""

    status: str
    reason: Optional[str]


def longest(timeout: Optional[float]) -> Deadline:
    """How long to wait for a user where the caller does not say."""
    return Deadline(None if timeout is None else LONGEST + timeout)


def status_from(fields: Fields) -> ConsentStatus:
    """The status in a reply."""
    return ConsentStatus(text(fields, "status"), maybe_text(fields, "reason"))


def print_consent(consent: ConsentRequired) -> None:
    """What is done where the caller gives no on_consent: tell the person at the terminal."""
    lines = [f"{plain(consent.provider)} needs your consent."]
    if consent.url is not None:
        lines.append(f"Open {''.join(c for c in consent.url if c.isprintable())}")
    if consent.phrase is not None:
        lines.append(f"and check that the page shows: {plain(consent.phrase)}")
    print("\n".join(lines), file=sys.stderr, flush=True)


class Wait:
    """Sitting out one consent: what each update and each lost connection means. It waits itself
    for nothing, so that the synchronous and the asyncio client share it."""

    def __init__(self, provider: str, patience: Optional[float]) -> None:
        """patience: seconds the daemon may be away."""
        self._provider = provider
        self._patience = patience
        self._given_up: Optional[Deadline] = None
        self._lost = 0
        self._last = "pending"

    def granted(self, update: ConsentStatus) -> bool:
        """Takes an update; raises how the consent ended, if not well."""
        self._given_up, self._lost, self._last = None, 0, update.status
        if update.status in _ENDS:
            raise _ENDS[update.status](self._provider, update.reason)
        return update.status == "granted"

    def pause(self, lost: DaemonUnavailable, deadline: Deadline) -> float:
        """Seconds until the next attempt; raises `lost` once the daemon has been away too long."""
        self._given_up = self._given_up or Deadline(self._patience)
        left = deadline.left()
        try:
            self._given_up.left()
        except Timeout:
            raise lost from None
        seconds = PAUSES[min(self._lost, len(PAUSES) - 1)]
        self._lost += 1
        return seconds if left is None else min(seconds, left)

    def over(self) -> ReeveError:
        """The stream is over, and no end we know came."""
        if self._last == "pending":
            return ProtocolError("the daemon ended the wait while the consent was pending")
        return ConsentFailed(self._provider, self._last)

    @staticmethod
    def late() -> Timeout:
        """Time is up, and the user has not answered."""
        return Timeout("the user has not answered in time: the consent stays open for a while; "
                       "ask again with wait=True to go on waiting")


def wait_for(wait: Wait, listen: Callable[[Deadline], Stream[ConsentStatus]],
             deadline: Deadline) -> None:
    """Returns once granted; raises how else it ended. listen opens AwaitConsent anew."""
    while True:
        try:
            with listen(deadline) as updates:
                for update in updates:
                    if wait.granted(update):
                        return
            break
        except DaemonUnavailable as lost:
            time.sleep(wait.pause(lost, deadline))
        except Timeout:
            raise wait.late() from None
    raise wait.over()
