"""The limit of requests a minute: what is beyond it gets 429, and all other responses say how much is left.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10, which isn't an RFC yet.
https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import math
from collections.abc import Callable, Mapping
from contextvars import ContextVar

from chalice.app import Request, Response

from chalicelib import container
from chalicelib.core.accounts.model import Caller
from chalicelib.core.errors import TemporaryError
from chalicelib.core.limits.request_rate import WINDOW, CountedRequest
from chalicelib.http.errors import RATE_LIMIT_EXCEEDED

POLICY = '"requests"'
"""The name of the only policy."""

_counted: ContextVar[CountedRequest | None] = ContextVar("counted", default=None)


def add_rate_limit_headers(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: say in each response to a counted request how many more are allowed, and when."""
    token = _counted.set(None)
    try:
        response = get_response(request)
        if counted := _counted.get():
            response.headers |= rate_limit_headers(counted)
        return response
    finally:
        _counted.reset(token)


def require_request_left(caller: Caller) -> None:
    """Raise TemporaryError if the caller's owner has made all requests of this minute.

    No statement without a limit, and where the one that found an API token has counted the request: for its
    own owner, or that of an upload token that was created with it. Otherwise one.

    Raises ServiceError: RATE_LIMIT_EXCEEDED, DATABASE_UNAVAILABLE.
    """
    counted = caller.counted or _count(caller.owner)
    _counted.set(counted)
    if counted and not counted.is_allowed:
        raise TemporaryError(RATE_LIMIT_EXCEEDED, retry_after=counted.more_in)


def rate_limit_headers(counted: CountedRequest) -> Mapping[str, str]:
    """Return the headers. `t` is when one more request is allowed, as `Retry-After` is."""
    seconds = math.ceil(counted.more_in.total_seconds())
    return {
        "RateLimit-Policy": f"{POLICY};q={counted.limit};w={WINDOW.seconds}",
        "RateLimit": f"{POLICY};r={counted.left};t={seconds}",
    }


def _count(owner: str) -> CountedRequest | None:
    limit = container.request_limits().of(owner)
    return None if limit is None else container.request_rates().count(owner, limit)
