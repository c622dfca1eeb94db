"""Faults of the fake service."""

import re
from itertools import count

from tests.client.fake_messages import Reply, Request
from tests.client.fake_service import Fault


def fail(reply: Reply, method: str, path: str, *, part: int | None = None, times: int = 1) -> Fault:
    """Return a fault that responds with `reply` to the first requests that match."""
    numbers = count(1)

    def respond(request: Request) -> Reply | None:
        return reply if _matches(request, method, path, part) and next(numbers) <= times else None

    return respond


def lose_response(method: str, path: str, *, part: int | None = None, times: int = 1) -> Fault:
    """Return a fault that closes the connection after the first requests that match, which took effect."""
    numbers = count(1)

    def respond(request: Request) -> Reply | None:
        if _matches(request, method, path, part) and next(numbers) <= times:
            raise ConnectionError
        return None

    return respond


def _matches(request: Request, method: str, path: str, part: int | None) -> bool:
    same_part = part is None or request.query.get("part") == str(part)
    return (
        same_part
        and re.fullmatch(method, request.method) is not None
        and re.fullmatch(path, request.path) is not None
    )
