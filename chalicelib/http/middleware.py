"""What every invocation leaves behind: its id on its log lines, a line of its own, and its metrics."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from chalice.app import BaseLambdaEvent, Request

from chalicelib.core import log_context
from chalicelib.http.responses import request_id

log = logging.getLogger(__name__)

Middleware = Callable[[Any, Callable[[Any], Any]], Any]


def observed(collecting: Callable[[], AbstractContextManager[None]]) -> Middleware:
    """Return the middleware for all functions; inside of `collecting()` metrics are collected.

    To be registered before the others, which Chalice calls inside of it: so it sees the answer that is sent, and
    their log lines carry the id, too. A route's exception has become an answer by then; a function's is logged and
    goes on to Lambda, which tries again.
    """

    def middleware(event: Any, get_response: Callable[[Any], Any]) -> Any:
        with log_context.request(_id(event)), collecting():
            began = time.monotonic()
            try:
                answer = get_response(event)
            except Exception:
                log.exception("%s failed", _name(event), extra=_about(event, 500, began))
                raise
            log.info("%s", _name(event), extra=_about(event, getattr(answer, "status_code", None), began))
            return answer

    return middleware


def _id(event: Any) -> str:
    return request_id(event) if isinstance(event, Request) else str(_of_context(event, "aws_request_id"))


def _name(event: Any) -> str:
    return (
        f"{event.method} {event.path}" if isinstance(event, Request) else str(_of_context(event, "function_name"))
    )


def _about(event: Any, status: int | None, began: float) -> dict[str, Any]:
    """Nothing that a client may have meant to keep for itself: the path is the route's, without its parameters."""
    duration = {"duration_ms": round((time.monotonic() - began) * 1000, 1)}
    if isinstance(event, Request):
        return {"method": event.method, "path": event.path, "status": status, **duration}
    return {"function": _of_context(event, "function_name"), **duration}


def _of_context(event: Any, name: str) -> Any:
    """Chalice types Lambda's context as a dict, and hands over None for what isn't a route's request."""
    return getattr(event.context, name, "") if isinstance(event, BaseLambdaEvent) else ""
