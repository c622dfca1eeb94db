"""Middleware of the routes: the format of errors, and how connections are handled."""

from collections.abc import Callable

import msgspec
from chalice.app import Request, Response

from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import (
    HTTP_STATUSES,
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    error_response,
)
from chalicelib.http.request_body import may_be_unread
from chalicelib.http.request_id import request_id


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
