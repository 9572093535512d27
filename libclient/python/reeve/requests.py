"""An auth class for `requests`; import it where you have that package.

    requests.get(url, auth=reeve.requests.Auth("github", ["repo"], session=session))

A 401 is reported to the daemon and the request sent once more, with the next token.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence

import requests
import requests.auth

from ._context import Acting, acting
from ._token import Token


class Auth(requests.auth.AuthBase):
    """Puts the user's access token into each request, and asks for a new one once on 401.

    session: whose; by default that of reeve.using(). `ask` is passed to Session.token (wait=True,
    on_consent=...). It may be shared by threads.
    """

    def __init__(self, provider: str, scopes: Optional[Sequence[str]] = None, *,
                 session: Optional[Acting] = None, **ask: Any) -> None:
        self._provider = provider
        self._scopes = scopes
        self._session = session
        self._ask = ask

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        session = acting(self._session)
        token = session.token(self._provider, self._scopes, **self._ask)
        request.headers["Authorization"] = f"Bearer {token}"
        start = _position(request.body)

        def again(response: requests.Response, **how: Any) -> requests.Response:
            # A redirect to another host has lost the header: it must not get the next token.
            if (response.status_code != 401
                    or response.request.headers.get("Authorization") != f"Bearer {token}"
                    or not _rewind(response.request.body, start)):
                return response
            session.report_invalid(token)
            fresh: Token = session.token(self._provider, self._scopes, **self._ask)
            if fresh == token:
                return response
            response.content                    # read to its end, so that the connection is free
            response.close()
            retry = response.request.copy()
            retry.headers["Authorization"] = f"Bearer {fresh}"
            answer: requests.Response = response.connection.send(retry, **how)
            answer.history.append(response)
            answer.request = retry
            return answer

        request.hooks.setdefault("response", []).append(again)
        return request


def _position(body: Any) -> Optional[int]:
    """Where a body that is a file begins; None for bytes or none."""
    try:
        return int(body.tell())
    except (AttributeError, OSError):
        return None


def _rewind(body: Any, start: Optional[int]) -> bool:
    """Whether the body can be sent once more."""
    if body is None or isinstance(body, (bytes, str)):
        return True
    if start is None:
        return False
    body.seek(start)
    return True
