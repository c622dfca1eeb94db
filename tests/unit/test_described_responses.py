"""The acceptance tests' client refuses a response that isn't described."""

import json
from typing import Any

import msgspec
import pytest

from app import app
from chalicelib.http.openapi.document import build_document
from chalicelib.http.router import operations
from tests.acceptance.description import Description, UndescribedResponseError

FILE = "/api/files/01930000-0000-7000-8000-000000000000"
JSON = {"content-type": "application/json"}
TAGGED = {**JSON, "etag": 'W/"1"'}
NOT_FOUND = {"error": "not_found", "message": "No file has this id.", "requestId": "1"}


@pytest.fixture(scope="module")
def description() -> Description:
    return Description(json.loads(msgspec.json.encode(build_document(operations(app), []))))


def file_resource(**changes: Any) -> dict[str, Any]:
    return {
        "id": "01930000-0000-7000-8000-000000000000",
        "file": "https://files.example.com/api/files/01930000-0000-7000-8000-000000000000/content",
        "uploaded_at": "2026-11-23T16:00:00.012Z",
        "processed": False,
        "name": "a.txt",
        "size": 1,
        "status": "uploaded",
        "processed_at": None,
        "attempts": 0,
        "types": {"declared": None, "extension": "text/plain", "detected": None, "mismatch": False},
        "checksum": None,
        "result": None,
        "error": None,
        "thumbnail": None,
        "owner": "everyone",
        "version": 1,
        "metadata": {},
        "scan": None,
    } | changes


@pytest.mark.parametrize(
    ("method", "path", "status", "headers", "body"),
    [
        ("GET", FILE, 200, TAGGED, file_resource()),
        ("GET", f"{FILE}/", 200, TAGGED, file_resource()),
        ("GET", FILE, 200, {**TAGGED, "retry-after": "2", "date": "now"}, file_resource()),
        ("GET", FILE, 200, {**TAGGED, "content-encoding": "gzip", "x-amzn-requestid": "1"}, file_resource()),
        ("HEAD", FILE, 200, TAGGED, None),
        ("GET", FILE, 304, {"etag": 'W/"1"'}, None),
        ("GET", FILE, 404, JSON, NOT_FOUND),
        ("DELETE", FILE, 204, {}, None),
        ("DELETE", FILE, 204, JSON, None),
        ("GET", "/api/nothing", 404, JSON, NOT_FOUND),
        ("PUT", FILE, 405, {**JSON, "allow": "GET"}, {**NOT_FOUND, "error": "method_not_allowed"}),
        ("PUT", "/api/nothing", 400, JSON, {**NOT_FOUND, "error": "bad_request"}),
        ("PUT", "/api/nothing", 413, JSON, {**NOT_FOUND, "error": "file_too_large"}),
        ("PUT", "/api/nothing", 503, JSON, {**NOT_FOUND, "error": "unavailable"}),
        ("OPTIONS", FILE, 204, {"allow": "GET, HEAD, PATCH, DELETE, OPTIONS"}, None),
    ],
)
def test_described_response_is_accepted(
    description: Description, method: str, path: str, status: int, headers: dict[str, str], body: Any
) -> None:
    description.check(method, path, status, headers, b"" if body is None else json.dumps(body).encode())


@pytest.mark.parametrize(
    ("method", "path", "status", "headers", "body", "reason"),
    [
        ("GET", FILE, 201, TAGGED, file_resource(), "no response with this status"),
        ("GET", FILE, 200, JSON, file_resource(), "lacks the header etag"),
        ("GET", FILE, 200, {**TAGGED, "retry-after": "soon"}, file_resource(), "header retry-after is invalid"),
        ("GET", FILE, 200, {**TAGGED, "x-count": "1"}, file_resource(), r"undescribed headers: \['x-count'\]"),
        ("GET", FILE, 200, {**TAGGED, "content-type": "text/html"}, file_resource(), "media type is text/html"),
        ("GET", FILE, 200, {"etag": 'W/"1"'}, file_resource(), "media type is None"),
        ("GET", FILE, 200, TAGGED, None, "isn't JSON"),
        ("GET", FILE, 200, TAGGED, file_resource(size="1"), "size"),
        ("GET", FILE, 200, TAGGED, file_resource(id="1"), "id"),
        ("GET", FILE, 200, TAGGED, file_resource(uploaded_at="yesterday"), "uploaded_at"),
        ("GET", FILE, 200, TAGGED, file_resource(status="lost"), "status"),
        ("GET", FILE, 200, TAGGED, file_resource(folder="a"), "'folder' was unexpected"),
        ("HEAD", FILE, 200, TAGGED, file_resource(), "HEAD has a body"),
        ("GET", FILE, 304, TAGGED, file_resource(), "without a body"),
        ("DELETE", FILE, 204, JSON, NOT_FOUND, "without a body"),
        ("GET", FILE, 404, JSON, {**NOT_FOUND, "error": "object_missing"}, "error"),
        ("GET", FILE, 404, JSON, {"error": "not_found"}, "message"),
        ("GET", FILE, 507, JSON, {**NOT_FOUND, "error": "insufficient_storage"}, "no response with this status"),
        ("GET", "/api/nothing", 200, JSON, [], "no operation matches"),
        ("GET", "/api/nothing", 404, JSON, {**NOT_FOUND, "error": "malformed_id"}, "error"),
        ("PUT", FILE, 204, {}, None, "no operation matches"),
        ("OPTIONS", FILE, 204, {"allow": "GET"}, None, "OPTIONS"),
    ],
)
def test_any_other_response_is_refused(
    description: Description,
    method: str,
    path: str,
    status: int,
    headers: dict[str, str],
    body: Any,
    reason: str,
) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    with pytest.raises(UndescribedResponseError, match=reason):
        description.check(method, path, status, headers, content)
