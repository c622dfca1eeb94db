"""Logging and metrics for every invocation; error format and connection handling for requests."""

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec
from chalice.app import BaseLambdaEvent, Request, Response

from chalicelib.core import log_context
from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import (
    HTTP_STATUSES,
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    error_response,
)
from chalicelib.http.request_body import may_be_unread
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


def close_unread_connections(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: close the connection after any response if it may still hold part of the request's body."""
    response = get_response(request)
    if may_be_unread(request):
        response.headers["Connection"] = "close"
    return response


def remove_bodies_of_head(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: respond to HEAD without the body, which `chalice local` would send."""
    response = get_response(request)
    if request.method == "HEAD":
        response.body = ""
    return response


def normalize_errors(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: give Chalice's own errors the shape of the app's, and every error its request's id."""
    response = get_response(request)
    if response.status_code < 400 or isinstance(response.body, str):  # a typed response is complete
        return response
    body = response.body
    if "error" not in body:
        body = error_response(_to_service_error(response, request)).body
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    encoded = msgspec.json.encode({**body, "requestId": request_id(request)}).decode()
    return Response(encoded, {"Content-Type": "application/json", **headers}, response.status_code)


def _to_service_error(response: Response, request: Request) -> ServiceError:
    """Return the error that matches one of Chalice's own error responses."""
    if response.status_code == HTTP_STATUSES[METHOD_NOT_ALLOWED]:
        return ServiceError(METHOD_NOT_ALLOWED, method=request.method, allowed=response.headers["Allow"])
    return ServiceError(INTERNAL_ERROR)


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
