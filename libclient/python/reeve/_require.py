"""@requires_token: a function that needs a token gets one, and nobody sees it in its signature.

    @reeve.requires_token(provider="github", scopes=["repo"])
    def list_issues(repository: str, *, token: reeve.Token) -> list[str]:
        ...

    with reeve.using(session):
        list_issues("reeve")

Agent frameworks make a tool's schema from the function's signature and type hints, and what is in
the schema is shown to the model and filled in by it. So the parameter stands in neither, nor can it
be found by unwrapping, and a caller who gives it all the same is refused.
"""

from __future__ import annotations

import functools
import inspect
import typing
from typing import Any, Callable, Dict, Optional, Sequence, TypeVar

from ._aio_session import AsyncOnConsent
from ._context import Acting, acting, acting_async

R = TypeVar("R")


def requires_token(provider: str, scopes: Optional[Sequence[str]] = None, *,
                   on_consent: Optional[AsyncOnConsent] = None, wait: str = "push",
                   into: str = "token", session: Optional[Acting] = None,
                   resource: Optional[str] = None, account: Optional[str] = None,
                   min_valid: Optional[int] = None, timeout: Optional[float] = None,
                   ) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Gives the function a Token in its parameter `into`, at each call.

    wait: "push" shows a consent by on_consent (a coroutine function may be given to coroutines; by
    default it is printed to stderr) and waits for the user; "raise" raises ConsentRequired.
    session: whose; by default that of reeve.using(). The rest is as in Session.token.
    """
    if wait not in ("push", "raise"):
        raise TypeError('wait is "push" or "raise"')
    if isinstance(scopes, str):
        raise TypeError("scopes is a list of strings, not one string")
    ask: Dict[str, Any] = dict(
        provider=provider, scopes=scopes, resource=resource, account=account, min_valid=min_valid,
        timeout=timeout, wait=wait == "push", on_consent=on_consent)

    def decorate(function: Callable[..., R]) -> Callable[..., R]:
        hidden = _Hidden(function, into)
        if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
            raise TypeError("requires_token decorates functions and coroutine functions: a "
                            "generator may outlive its token, let it ask by itself")

        async def wait_and_call(*args: Any, **kwargs: Any) -> Any:
            bound = hidden.bind(args, kwargs)
            bound.arguments[into] = await acting_async(session).token(**ask)
            return await hidden.call(bound)

        def call(*args: Any, **kwargs: Any) -> Any:
            bound = hidden.bind(args, kwargs)
            bound.arguments[into] = acting(session).token(**ask)
            return hidden.call(bound)

        return hidden.dress(wait_and_call if inspect.iscoroutinefunction(function) else call)

    return decorate


class _Hidden:
    """A function, and its signature without the parameter that is filled in."""

    def __init__(self, function: Callable[..., Any], into: str) -> None:
        self._function = function
        self._into = into
        self._whole = inspect.signature(function)
        parameter = self._whole.parameters.get(into)
        if parameter is None or parameter.kind in (parameter.VAR_POSITIONAL,
                                                   parameter.VAR_KEYWORD):
            raise TypeError(f"{getattr(function, '__name__', 'the function')} has no parameter "
                            f"{into!r} for the token: add it, or name it by into=")
        self._hints = _hints(function)
        self._hints.pop(into, None)
        shown = [one.replace(annotation=self._hints.get(one.name, one.annotation))
                 for one in self._whole.parameters.values() if one.name != into]
        self._shown = self._whole.replace(
            parameters=shown,
            return_annotation=self._hints.get("return", self._whole.return_annotation))

    def bind(self, args: Any, kwargs: Dict[str, Any]) -> inspect.BoundArguments:
        """The caller's arguments; TypeError as if the parameter did not exist."""
        if self._into in kwargs:
            raise TypeError(f"{self._into!r} is filled in by requires_token and cannot be given")
        given = self._shown.bind(*args, **kwargs)
        return inspect.BoundArguments(self._whole, given.arguments)

    def call(self, bound: inspect.BoundArguments) -> Any:
        return self._function(*bound.args, **bound.kwargs)

    def dress(self, wrapper: Callable[..., Any]) -> Callable[..., Any]:
        """Makes the wrapper look like the function, but for the parameter."""
        functools.update_wrapper(wrapper, self._function)
        del wrapper.__dict__["__wrapped__"]     # inspect.unwrap() would show the whole signature
        wrapper.__annotations__ = self._hints
        wrapper.__dict__["__signature__"] = self._shown
        return wrapper


def _hints(function: Callable[..., Any]) -> Dict[str, Any]:
    """Annotations as objects: as text they would be looked up in this module, not in theirs. Those
    that cannot be looked up yet stay text."""
    try:
        return typing.get_type_hints(function, include_extras=True)
    except Exception:                           # evaluating a stranger's text may raise anything
        return dict(getattr(function, "__annotations__", {}))
