"""Reading replies: total accessors, and the one table from wire errors to classes.

A field that is missing or of the wrong type makes a ProtocolError that names the field and never
its value. Fields nobody asks for are ignored, so replies may grow.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, Optional, cast

from ._errors import (ConsentRequired, Denied, InvalidParameter, LimitReached, MethodNotFound,
                      PermissionDenied, ProtocolError, ProviderFailed, ReeveError, RequestInvalid,
                      SessionInvalid, Unavailable, UnknownError, UnknownProvider, UserTokenInvalid)

Fields = Mapping[str, Any]

AGENT = "io.reeve.Agent."
SERVICE = "org.varlink.service."


def _wrong(name: str, expected: str) -> ProtocolError:
    return ProtocolError(
        f"the daemon's answer has no field {name!r} that is {expected}: "
        "the daemon and this package do not fit together")


def text(fields: Fields, name: str) -> str:
    """A string that must be there."""
    value = fields.get(name)
    if isinstance(value, str):
        return value
    del value                                   # a traceback may show this frame's variables
    raise _wrong(name, "a string")


def maybe_text(fields: Fields, name: str) -> Optional[str]:
    """A string, or None where it is null or absent."""
    return None if fields.get(name) is None else text(fields, name)


def integer(fields: Fields, name: str) -> int:
    """A whole number that must be there; true and 1.0 are none."""
    value = fields.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    del value
    raise _wrong(name, "a whole number")


def maybe_integer(fields: Fields, name: str) -> Optional[int]:
    """A whole number, or None where it is null or absent."""
    return None if fields.get(name) is None else integer(fields, name)


def texts(fields: Fields, name: str) -> List[str]:
    """A list of strings that must be there."""
    value = items(fields, name)
    if value is not None:
        found = [item for item in value if isinstance(item, str)]
        if len(found) == len(value):
            return found
    del value
    raise _wrong(name, "a list of strings")


def text_map(fields: Fields, name: str) -> Dict[str, str]:
    """An object of strings that must be there."""
    value = struct(fields, name)
    if all(isinstance(item, str) for item in value.values()):
        return dict(value)
    del value
    raise _wrong(name, "an object of strings")


def struct(fields: Fields, name: str) -> Fields:
    """An object that must be there."""
    value = maybe_struct(fields.get(name))
    if value is not None:
        return value
    del value
    raise _wrong(name, "an object")


def maybe_struct(value: object) -> Optional[Fields]:
    """An object, or None where it is something else."""
    return cast(Fields, value) if isinstance(value, dict) else None


def items(fields: Fields, name: str) -> Optional[List[object]]:
    """A list of whatever, or None where it is something else or absent."""
    value = fields.get(name)
    return cast(List[object], value) if isinstance(value, list) else None


def _consent_required(p: Fields) -> ReeveError:
    return ConsentRequired(
        text(p, "provider"), text(p, "reason"), maybe_text(p, "url"), maybe_text(p, "phrase"),
        text(p, "request"), integer(p, "expires_at"))


def _provider_failed(p: Fields) -> ReeveError:
    return ProviderFailed(
        text(p, "provider"), text(p, "error"), maybe_text(p, "description"),
        maybe_integer(p, "retry_after"))


_ERRORS: Dict[str, Callable[[Fields], ReeveError]] = {
    AGENT + "ConsentRequired": _consent_required,
    AGENT + "Denied": lambda p: Denied(text(p, "reason")),
    AGENT + "SessionInvalid": lambda p: SessionInvalid(),
    AGENT + "UserTokenInvalid": lambda p: UserTokenInvalid(text(p, "reason")),
    AGENT + "RequestInvalid": lambda p: RequestInvalid(),
    AGENT + "Unavailable": lambda p: Unavailable(text(p, "reason")),
    AGENT + "UnknownProvider": lambda p: UnknownProvider(text(p, "provider")),
    AGENT + "ProviderFailed": _provider_failed,
    AGENT + "LimitReached":
        lambda p: LimitReached(text(p, "limit"), maybe_integer(p, "retry_after")),
    SERVICE + "InterfaceNotFound": lambda p: MethodNotFound(text(p, "interface")),
    SERVICE + "MethodNotFound": lambda p: MethodNotFound(text(p, "method")),
    SERVICE + "MethodNotImplemented": lambda p: MethodNotFound(text(p, "method")),
    SERVICE + "InvalidParameter": lambda p: InvalidParameter(text(p, "parameter")),
    SERVICE + "PermissionDenied": lambda p: PermissionDenied(),
}


def error_of(name: str, parameters: Fields) -> ReeveError:
    """The typed error for a wire error; one this version does not know becomes UnknownError."""
    make = _ERRORS.get(name)
    return UnknownError(name) if make is None else make(parameters)
