"""Is it the daemon that answers? (W8: a false daemon would collect user tokens.)

The rule has two halves; both must hold, or nothing is sent. "You" is the effective uid of this
process; "the configured uid" is $REEVE_DAEMON_UID, a number, where it is set.

The place. On the way from / to the directory that holds the socket, symlinks resolved, every
directory belongs to root, you or the configured uid, and nobody else may write in it. Two
allowances: above the last directory a sticky directory such as /tmp will do; and where no uid is
configured, a directory in which nobody else may write may hand the rest of the way to one more
account, the keeper (root gives /run/reeve to the daemon's account, say).

The peer. Whoever called listen() (SO_PEERCRED) is root or the configured uid. Where none is
configured: root, you or the keeper; or anybody, if the socket's directory is root's own and there
is no keeper, for then only root can have let a socket be there.

In a container with a user namespace of its own the host's accounts all look like 65534, so that
there REEVE_DAEMON_UID=65534 must say that such a directory is meant.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from typing import List, NamedTuple, Optional, Tuple

from ._errors import DaemonUnavailable, DaemonUntrusted

ROOT = 0


class Place(NamedTuple):
    """A path that passed the first half, and what the second half needs to know of it."""

    path: str
    owner: int
    keeper: Optional[int]


def configured_uid() -> Optional[int]:
    """The uid in $REEVE_DAEMON_UID, if set."""
    value = os.environ.get("REEVE_DAEMON_UID", "")
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise DaemonUntrusted("REEVE_DAEMON_UID is not a number: set it to the daemon's uid")
    return int(value)


def check_place(path: str, me: int, configured: Optional[int]) -> Place:
    """The first half: who can have put a socket here? Returns the resolved path to connect to."""
    resolved = os.path.realpath(path)
    trusted = {ROOT, me} if configured is None else {ROOT, me, configured}
    keeper: Optional[int] = None
    may_hand_over = False                       # only a directory we have seen may
    ways = _directories(resolved)
    owner = ROOT
    for name in ways:
        owner, mode = _owner_and_mode(name)
        if owner not in trusted and owner != keeper:
            if configured is not None or keeper is not None or not may_hand_over:
                raise DaemonUntrusted(
                    f"{name} belongs to uid {owner}, who could put a false daemon there: use a "
                    "directory of root's, or set REEVE_DAEMON_UID to the daemon's uid")
            keeper = owner
        shared = bool(mode & (stat.S_IWGRP | stat.S_IWOTH))
        if shared and not (mode & stat.S_ISVTX and name != ways[-1] and owner != keeper):
            raise DaemonUntrusted(
                f"{name} is writable by others, who could put a false daemon there: chmod go-w it")
        may_hand_over = not shared
    return Place(resolved, owner, keeper)


def check_peer(peer: int, place: Place, me: int, configured: Optional[int]) -> None:
    """The second half: who listens?"""
    if peer == ROOT:
        return
    if configured is not None:
        if peer != configured:
            raise DaemonUntrusted(
                f"uid {peer} listens on {place.path}, not uid {configured}: check "
                "REEVE_DAEMON_UID and who runs the daemon")
        return
    if peer in (me, place.keeper) or (place.owner == ROOT and place.keeper is None):
        return
    raise DaemonUntrusted(
        f"uid {peer} listens on {place.path}: if this is the daemon's account, set "
        "REEVE_DAEMON_UID to it")


def peer_uid(connected: socket.socket) -> int:
    """The uid of whoever called listen() on the other end, by the kernel's word."""
    size = struct.calcsize("iII")
    raw = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    return int(struct.unpack("iII", raw)[1])


def _directories(path: str) -> List[str]:
    """/, /run, /run/reeve, ... for a path, without its last part."""
    found = [os.path.dirname(path)]
    while found[-1] != os.path.dirname(found[-1]):
        found.append(os.path.dirname(found[-1]))
    return found[::-1]


def _owner_and_mode(name: str) -> Tuple[int, int]:
    try:
        seen = os.lstat(name)
    except OSError as error:
        raise DaemonUnavailable(
            f"no socket: {name}: {error.strerror}; is the daemon running, and its directory "
            "mounted if this is a container?") from None
    if not stat.S_ISDIR(seen.st_mode):
        raise DaemonUntrusted(f"{name} is no directory: check REEVE_SOCKET")
    return seen.st_uid, seen.st_mode
