"""What GetToken is asked, as the fields of the call."""

from __future__ import annotations

from typing import Optional, Sequence

from ._private import PrivateDict


def ask_for(provider: str, scopes: Optional[Sequence[str]] = None, resource: Optional[str] = None,
            account: Optional[str] = None, min_valid: Optional[int] = None, fresh: bool = False,
            return_url: Optional[str] = None, return_state: Optional[str] = None,
            acr_values: Optional[Sequence[str]] = None,
            max_age: Optional[int] = None) -> PrivateDict:
    """The fields, but for the session; None stands for what is not said."""
    if isinstance(scopes, str) or isinstance(acr_values, str):
        raise TypeError("scopes and acr_values are lists of strings, not one string")
    return PrivateDict(
        provider=provider, scopes=None if scopes is None else list(scopes), resource=resource,
        account=account, min_valid=min_valid, fresh=True if fresh else None,
        return_url=return_url, return_state=return_state,
        acr_values=None if acr_values is None else list(acr_values), max_age=max_age)
