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
                      DaemonUnavailable, Declined, ProtocolError, Refused, Timeout, plain)
from ._reply import Fields, maybe_text, text
from ._varlink import Deadline

LONGEST = 600                   # seconds a consent may stay open; the daemon's limit
PAUSES = (0.05, 0.2, 0.5, 1.0)  # between attempts while the daemon restarts

_ENDS: Dict[str, Type[ConsentEnded]] = {
    "declined": Declined, "refused": Refused, "expired": ConsentExpired, "failed": ConsentFailed}


class ConsentStatus(NamedTuple):
    """pending, granted, declined, refused, expired or failed; a later daemon may know more."""

    status: str
    reason: Optional[str]


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


def wait_for(provider: str, listen: Callable[[Deadline], Stream[ConsentStatus]],
             deadline: Deadline, patience: Optional[float]) -> None:
    """Returns once granted; raises how else it ended. listen opens AwaitConsent anew."""
    given_up: Optional[Deadline] = None
    lost = 0
    while True:
        try:
            with listen(deadline) as updates:
                for update in updates:
                    given_up, lost = None, 0
                    if update.status in _ENDS:
                        raise _ENDS[update.status](provider, update.reason)
                    if update.status == "granted":
                        return
            break                               # the stream is over, and no end we know
        except DaemonUnavailable:
            given_up = given_up or Deadline(patience)
            if not _pause(PAUSES[min(lost, len(PAUSES) - 1)], given_up, deadline):
                raise
            lost += 1
        except Timeout:
            raise Timeout("the user has not answered in time: the consent stays open for a while; "
                          "ask again with wait=True to go on waiting") from None
    if update.status == "pending":
        raise ProtocolError("the daemon ended the wait while the consent was pending")
    raise ConsentFailed(provider, update.status)


def _pause(seconds: float, given_up: Deadline, deadline: Deadline) -> bool:
    """Sleeps a little; False if the daemon has been away too long."""
    left = deadline.left()
    try:
        given_up.left()
    except Timeout:
        return False
    time.sleep(seconds if left is None else min(seconds, left))
    return True
