"""Answers: files, redirects and errors as responses."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec

import msgspec
from chalice.app import Request, Response

from chalicelib.core.changes.history import HistoryEntry
from chalicelib.core.errors import (
    INTERNAL_ERROR,
    METHOD_NOT_ALLOWED,
    UNHEALTHY,
    UNSUPPORTED_MEDIA_TYPE,
    ServiceError,
)
from chalicelib.core.files.list_files import Page
from chalicelib.core.files.model import File
from chalicelib.core.health.check_health import Health
from chalicelib.http.conditions import etag, is_known
from chalicelib.http.parameters import next_changes, next_page
from chalicelib.http.views import change_view, happening_view, health_view, view

log = logging.getLogger(__name__)

Parameters = ParamSpec("Parameters")

JSON = {"Content-Type": "application/json"}


def answers(respond: Callable[Parameters, Response]) -> Callable[Parameters, Response]:
    """Turn what a route raises into an answer from the table of errors; the rest is logged and a 500."""

    @wraps(respond)
    def responder(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Response:
        try:
            return respond(*args, **kwargs)
        except ServiceError as fault:
            return _error(fault)
        except Exception:
            log.exception("a route failed")
            return _error(ServiceError(INTERNAL_ERROR))

    return responder


def in_our_shape(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: give Chalice's own errors the shape of ours, and every error its request's id."""
    response = get_response(request)
    if response.status_code < 400:
        return response
    body = response.body
    if "error" not in body:
        body = _error(_translated(response, request)).body
    headers = {name: value for name, value in response.headers.items() if name != "Content-Type"}
    return _json({**body, "requestId": request_id(request)}, response.status_code, headers)


def created(file: File, public_url: str) -> Response:
    """201, the file, and where it is."""
    location = {"Location": f"{public_url}/api/files/{file.id}"}
    return _json(view(file, public_url), 201, location)


def shown(file: File, public_url: str, status: int = 200) -> Response:
    """The file, with its version as ETag."""
    return _json(view(file, public_url), status, {"ETag": etag(file)})


def shown_unless_known(request: Request, file: File, public_url: str) -> Response:
    """200 and the file, or 304 to somebody who has this version."""
    if is_known(request, file):
        return Response("", status_code=304, headers={"ETag": etag(file)})
    return shown(file, public_url)


def told(entries: Sequence[HistoryEntry]) -> Response:
    """200 and what happened to one file."""
    return _json([happening_view(entry) for entry in entries], 200)


def changed(request: Request, entries: Sequence[HistoryEntry], limit: int, public_url: str) -> Response:
    """200 and changes of all files; after a full page there may be more, at the URL in the Link header."""
    link: dict[str, str] = {}
    if len(entries) == limit:
        query = next_changes(request, entries[-1].seq or 0)
        link["Link"] = f'<{public_url}/api/changes?{query}>; rel="next"'
    return _json([change_view(entry) for entry in entries], 200, link)


def diagnosed(health: Health) -> Response:
    """200, or 503 that says which part isn't well; never to be kept."""
    headers: dict[str, str | list[str]] = {**JSON, "Cache-Control": "no-store"}
    parts = msgspec.to_builtins(health_view(health))
    if health.healthy:
        return _json(parts, 200, headers)
    answer = _error(ServiceError(UNHEALTHY, parts=", ".join(health.failing_components)))
    return Response({**answer.body, **parts}, status_code=answer.status_code, headers=headers)


def listed(request: Request, page: Page, public_url: str) -> Response:
    """200, the files as a bare array, and the next page in the Link header (RFC 8288)."""
    link: dict[str, str] = {}
    if page.next is not None:
        link["Link"] = f'<{public_url}/api/files/?{next_page(request, page.next)}>; rel="next"'
    return _json([view(file, public_url) for file in page.files], 200, link)


def redirected(url: str) -> Response:
    """302, not to be kept: the URL ends soon."""
    return Response("", status_code=302, headers={"Location": url, "Cache-Control": "no-store"})


def nothing() -> Response:
    """204."""
    return Response("", status_code=204)


def request_id(request: Request) -> str:
    """Return API Gateway's id of the request, which its logs show; locally the function's."""
    of_function = getattr(request.lambda_context, "aws_request_id", "")
    return str(request.context.get("requestId") or of_function)


def _json(body: Any, status: int, headers: Mapping[str, str | list[str]] | None = None) -> Response:
    return Response(msgspec.json.encode(body).decode(), status_code=status, headers={**JSON, **(headers or {})})


def _error(fault: ServiceError) -> Response:
    """An answer whose body the middleware completes."""
    assert fault.kind.status is not None, f"{fault.kind.code} is not an answer"
    return Response({"error": fault.kind.code, "message": fault.message}, status_code=fault.kind.status)


def _translated(response: Response, request: Request) -> ServiceError:
    if response.status_code == METHOD_NOT_ALLOWED.status:
        return ServiceError(METHOD_NOT_ALLOWED, method=request.method, allowed=response.headers["Allow"])
    if response.status_code == UNSUPPORTED_MEDIA_TYPE.status:
        sent = request.headers.get("content-type", "(none)")
        return ServiceError(UNSUPPORTED_MEDIA_TYPE, content_type=sent, allowed=_taken(request))
    return ServiceError(INTERNAL_ERROR)


def _taken(request: Request) -> str:
    if request.path == "/api/upload":
        return "multipart/form-data, or application/octet-stream with `?name=`"
    return "application/json"
