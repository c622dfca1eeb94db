"""Middleware of all functions: logging and metrics for every invocation."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from chalice.app import BaseLambdaEvent, Request

from chalicelib.core import log_context
from chalicelib.http.request_id import request_id

log = logging.getLogger(__name__)

Middleware = Callable[[Any, Callable[[Any], Any]], Any]


def observability_middleware(collect_metrics: Callable[[], AbstractContextManager[None]]) -> Middleware:
    """Return the middleware of all functions: it sets the log lines' request id, logs a line for each invocation,
    and collects metrics inside of `collect_metrics()`.

    Register it first. Chalice calls the middleware that is registered later inside of it: so it sees the response
    that is sent, and their log lines have the request id, too. A route's exception has become a response by then.
    Another function's exception is logged and raised again, so that Lambda retries.
    """

    def middleware(event: Any, get_response: Callable[[Any], Any]) -> Any:
        with log_context.request(_invocation_id(event)), collect_metrics():
            start = time.monotonic()
            try:
                response = get_response(event)
            except Exception:
                log.exception("%s failed", _invocation_name(event), extra=_log_fields(event, 500, start))
                raise
            fields = _log_fields(event, getattr(response, "status_code", None), start)
            log.info("%s", _invocation_name(event), extra=fields)
            return response

    return middleware


def _invocation_id(event: Any) -> str:
    return request_id(event) if isinstance(event, Request) else str(_context_attribute(event, "aws_request_id"))


def _invocation_name(event: Any) -> str:
    if isinstance(event, Request):
        return f"{event.method} {event.path}"
    return str(_context_attribute(event, "function_name"))


def _log_fields(event: Any, status: int | None, start: float) -> dict[str, Any]:
    """Return the fields of an invocation's log line: no data of clients, so the path is the route's pattern."""
    duration = {"duration_ms": round((time.monotonic() - start) * 1000, 1)}
    if isinstance(event, Request):
        return {"method": event.method, "path": event.path, "status": status, **duration}
    return {"function": _context_attribute(event, "function_name"), **duration}


def _context_attribute(event: Any, name: str) -> Any:
    """Return an attribute of Lambda's context, which Chalice types as a dict; "" if there is none.

    Chalice passes None as the event of an invocation of the routes that isn't a request.
    """
    return getattr(event.context, name, "") if isinstance(event, BaseLambdaEvent) else ""
