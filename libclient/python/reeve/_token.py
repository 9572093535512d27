"""An access token: a string that does not show itself.

A Token is a str, so it goes into a header as it is: f"Bearer {token}". For the same reason "%s"
and json.dumps write the value; repr, and with it "%r", tracebacks, debuggers and containers that
are printed, never does. It cannot be pickled; copies are the same object.
"""

from __future__ import annotations

from typing import Any, NoReturn, Optional, Tuple

from ._errors import ProtocolError
from ._private import PrivateText
from ._reply import Fields, maybe_integer, maybe_text, text, texts


class Token(str):
    """An access token with what is known of it.

    provider: the name it was asked by. id: names this token to the daemon, no secret. grant: the
    public id of the grant it comes from. account: the account at the provider. scopes: what it
    really carries. expires_at: Unix seconds, or None where the provider does not say.
    """

    __slots__ = ("provider", "id", "grant", "account", "scopes", "expires_at", "token_type")

    provider: str
    id: str
    grant: str
    account: Optional[str]
    scopes: Tuple[str, ...]
    expires_at: Optional[int]
    token_type: str

    def __getitem__(self, key: Any) -> str:
        return PrivateText(super().__getitem__(key))    # printers of variables cut before repr

    def __repr__(self) -> str:
        known = [getattr(self, name, None) for name in ("provider", "id", "account", "expires_at")]
        return "<reeve.Token of {!r}, id {!r}, account {!r}, expires_at {}>".format(*known)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a reeve.Token is not pickled: ask for a token where it is needed")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self.__reduce__()

    def __copy__(self) -> Token:
        return self

    def __deepcopy__(self, memo: Any) -> Token:
        return self


def token_from(provider: str, fields: Fields) -> Token:
    """The Token in a reply. One that could not stand in a header (RFC 6749, A.12) is refused."""
    token = Token(text(fields, "access_token"))
    token.provider = provider
    token.id = text(fields, "id")
    token.grant = text(fields, "grant")
    token.account = maybe_text(fields, "account")
    token.scopes = tuple(texts(fields, "scopes"))
    token.expires_at = maybe_integer(fields, "expires_at")
    token.token_type = text(fields, "token_type")
    if not (token and token.isascii() and token.isprintable()):
        raise ProtocolError("the daemon sent a token that no header can carry")
    return token
