"""Values that do not show themselves.

Tracebacks that print local variables (traceback.TracebackException, pytest, rich), debuggers and
error reporters all call repr. What this package holds of calls and answers while it works is of
these types, so that no token, session handle or user token gets there from here.
"""

from __future__ import annotations

from typing import Any, Dict


class PrivateBytes(bytes):
    """A frame."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class PrivateBuffer(bytearray):
    """What was read and is no whole frame yet."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


class PrivateText(str):
    """A handle, a user token, or a piece of a token."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{len(self)} characters>"


class PrivateDict(Dict[str, Any]):
    """The fields of a call or of an answer."""

    def __repr__(self) -> str:
        return f"<fields {', '.join(self)}>"
