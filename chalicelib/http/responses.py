"""Responses: JSON with its status and headers, redirects, and responses without a body."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from chalice.app import Request, Response

from chalicelib.core.changes.history import HistoryEntry
from chalicelib.core.errors import ServiceError
from chalicelib.core.files.get_file import FoundFile
from chalicelib.core.files.list_files import Page
from chalicelib.core.files.model import File
from chalicelib.core.health.check_health import Health
from chalicelib.http.conditional import etag, etag_matches
from chalicelib.http.errors import UNHEALTHY, error_response
from chalicelib.http.page_size import fit_into_page
from chalicelib.http.pagination import changes_link, file_list_link
from chalicelib.http.resources import change_resource, encode_file, health_resource, timeline_entry

JSON_HEADERS = {"Content-Type": "application/json"}


def created_response(file: File, base_url: str) -> Response:
    """Return 201 with the file, and its URL in Location."""
    location = {"Location": f"{base_url}/api/files/{file.id}"}
    return json_response(msgspec.Raw(encode_file(file, base_url)), 201, location)


def file_response(file: File, base_url: str, status: int = 200) -> Response:
    """Return the file, with its version as ETag."""
    return json_response(msgspec.Raw(encode_file(file, base_url)), status, {"ETag": etag(file)})


def found_file_response(request: Request, found: FoundFile, base_url: str) -> Response:
    """Return 200 with the file, or 304 if the request's If-None-Match matches its version. Retry-After is for
    a client whose request could not wait."""
    file = found.file
    if etag_matches(request, file):
        response = Response("", status_code=304, headers={"ETag": etag(file)})
    else:
        response = file_response(file, base_url)
    if found.retry_after is not None:
        response.headers["Retry-After"] = str(int(found.retry_after.total_seconds()))
    return response


def file_list_response(request: Request, page: Page, base_url: str) -> Response:
    """Return 200 with the files as a bare array, and the next page's URL in the Link header."""
    body = fit_into_page(encode_file(file, base_url) for file in page.files)
    return json_response(body, 200, file_list_link(request, page.cut(len(body)), base_url))


def timeline_response(entries: Sequence[HistoryEntry]) -> Response:
    """Return 200 with the history of one file; the newest entries if not all fit into a response."""
    newest_first = fit_into_page(msgspec.json.encode(timeline_entry(entry)) for entry in reversed(entries))
    return json_response(newest_first[::-1], 200)


def changes_response(request: Request, entries: Sequence[HistoryEntry], limit: int, base_url: str) -> Response:
    """Return 200 with changes of all files, and after a full page the next one's URL in the Link header."""
    body = fit_into_page(msgspec.json.encode(change_resource(entry)) for entry in entries)
    full_page = len(body) if len(body) < len(entries) else limit
    return json_response(body, 200, changes_link(request, entries[: len(body)], full_page, base_url))


def health_response(health: Health) -> Response:
    """Return 200, or 503 with the parts that are unhealthy. It must not be cached."""
    headers: dict[str, str | list[str]] = {**JSON_HEADERS, "Cache-Control": "no-store"}
    parts = msgspec.to_builtins(health_resource(health))
    if health.healthy:
        return json_response(parts, 200, headers)
    response = error_response(ServiceError(UNHEALTHY, parts=", ".join(health.failing_components)))
    return Response({**response.body, **parts}, status_code=response.status_code, headers=headers)


def redirect(url: str) -> Response:
    """Return 302, not to be cached: the URL expires soon."""
    return Response("", status_code=302, headers={"Location": url, "Cache-Control": "no-store"})


def no_content() -> Response:
    """Return 204."""
    return Response("", status_code=204)


def json_response(body: Any, status: int, headers: Mapping[str, str | list[str]] | None = None) -> Response:
    """Return a response with the body as JSON."""
    encoded = msgspec.json.encode(body).decode()
    return Response(encoded, status_code=status, headers={**JSON_HEADERS, **(headers or {})})
