"""A valid request, or several, for each operation of the API that isn't public, with things of an owner."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import uuid_utils.compat as uuids

from tests.integration.access.owned_things import OwnedUpload, Things
from tests.integration.conftest import form

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class ValidRequest:
    """A request that the owner of its things may make."""

    path: str
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[str] = ()
    """In the path or the body: of the owner's things."""

    def of_unknown_things(self) -> "ValidRequest":
        """Return the same request about things that don't exist."""
        path, body, unknown = self.path, self.body, []
        for each in self.ids:
            other = str(uuids.uuid7()) if len(each) == 36 else each[:-4] + "zzzz"
            path, body = path.replace(each, other), body.replace(each.encode(), other.encode())
            unknown.append(other)
        return ValidRequest(path, self.status, body, self.headers, unknown)


def _of_file(suffix: str = "", status: int = 200, body: Any = None) -> Callable[[Things], ValidRequest]:
    def build(things: Things) -> ValidRequest:
        file_id = str(things.add_file())
        return _with_json(f"/api/files/{file_id}{suffix}", body, status, [file_id])

    return build


def _of_upload(
    add: Callable[[Things], OwnedUpload], suffix: str = "", status: int = 200, body: Any = None
) -> Callable[[Things], ValidRequest]:
    def build(things: Things) -> ValidRequest:
        file_id = str(add(things).file_id)
        return _with_json(f"/api/uploads/{file_id}{suffix}", body, status, [file_id])

    return build


def _of_uppy(suffix: str = "", query: str = "", *, with_parts: bool = False) -> Callable[[Things], ValidRequest]:
    def build(things: Things) -> ValidRequest:
        upload = things.add_parts()
        path = f"/s3/multipart/{upload.upload_id}{suffix}?key={quote(upload.key)}{query}"
        body = {"parts": [{"PartNumber": 1, "ETag": upload.etag}]} if with_parts else None
        return _with_json(path, body, 200, [str(upload.file_id), upload.upload_id])

    return build


def _sign(method: str, **fields: Any) -> Callable[[Things], ValidRequest]:
    def build(things: Things) -> ValidRequest:
        upload = things.add_parts()
        body = {"method": method, "key": upload.key, "uploadId": upload.upload_id, **fields}
        return _with_json("/s3/sign", body, 200, [str(upload.file_id), upload.upload_id])

    return build


def _revoke(things: Things) -> ValidRequest:
    token_id = str(things.add_token())
    return ValidRequest(f"/api/tokens/{token_id}", 204, ids=[token_id])


def _plain(path: str, status: int = 200, body: Any = None) -> Callable[[Things], ValidRequest]:
    return lambda _: _with_json(path, body, status, [])


def _form(_: Things) -> ValidRequest:
    upload = form("a.txt", b"hello\n")
    return ValidRequest("/api/upload", 201, upload["body"], upload["headers"])


def _with_json(path: str, body: Any, status: int, ids: Sequence[str]) -> ValidRequest:
    if body is None:
        return ValidRequest(path, status, ids=ids)
    return ValidRequest(path, status, json.dumps(body).encode(), JSON, ids)


VALID_REQUESTS: dict[str, Sequence[Callable[[Things], ValidRequest]]] = {
    "abort_unsized_upload": [_of_uppy()],
    "abort_upload": [_of_upload(Things.add_parts, status=204), _of_upload(Things.add_put, status=204)],
    "begin_form_upload": [_plain("/s3/params?filename=a.txt")],
    "begin_multipart_upload": [_plain("/s3/multipart", body={"filename": "a.txt"})],
    "complete_unsized_upload": [_of_uppy("/complete", with_parts=True)],
    "complete_upload": [
        _of_upload(lambda things: things.add_put(sent=True), "/complete"),
        _of_upload(lambda things: things.add_parts(sized=True), "/complete"),
    ],
    "create_token": [_plain("/api/tokens", 201, {"name": "laptop", "scopes": ["read"]})],
    "create_upload_token": [_plain("/api/upload-tokens", 201, {})],
    "create_upload": [
        _plain("/api/uploads", 201, {"name": "a.txt", "size": 3}),
        _plain("/api/uploads", 201, {"name": "a.txt", "size": 100_000_000}),
    ],
    "delete_file": [_of_file(status=204)],
    "get_caller": [_plain("/api/me")],
    "get_content": [_of_file("/content", 302), _of_file("/content?redirect=false")],
    "get_file": [_of_file(), _of_file("?wait=1&since=1")],
    "get_overview": [_plain("/api/admin/overview")],
    "get_part_urls": [_of_upload(lambda things: things.add_parts(sized=True), "/parts", body={"numbers": [1]})],
    "get_thumbnail": [_of_file("/thumbnail", 302), _of_file("/thumbnail?redirect=false")],
    "get_timeline": [_of_file("/timeline")],
    "get_upload": [_of_upload(Things.add_put), _of_upload(Things.add_parts)],
    "get_usage": [_plain("/api/usage")],
    "list_changes": [_plain("/api/changes")],
    "list_files": [_plain("/api/files"), _plain("/api/files?metadata.order=7&status=processed&order=name")],
    "list_owners": [_plain("/api/admin/owners"), _plain("/api/admin/owners?order=owner&limit=1&after=a")],
    "list_tokens": [_plain("/api/tokens")],
    "list_unsized_parts": [_of_uppy()],
    "reprocess_file": [_of_file("/reprocess", 202)],
    "reprocess_outdated_files": [
        _plain("/api/admin/reprocess", 202),
        _plain("/api/admin/reprocess", 202, {"after": str(uuids.uuid7())}),
    ],
    "revoke_token": [_revoke],
    "sign_request": [
        _plain("/s3/sign", body={"method": "PUT", "key": "a.txt"}),
        _sign("PUT", partNumber=1),
        _sign("GET"),
        _sign("POST"),
        _sign("DELETE"),
    ],
    "sign_unsized_part": [_of_uppy("/1")],
    "sign_unsized_parts": [_of_uppy("/batch", "&partNumbers=1")],
    "update_file": [_of_file(body={"name": "b.txt"}), _of_file(body={"metadata": {"order": "8"}})],
    "upload_file": [_form],
}
"""By operation id. A test keeps it complete."""

MAY_BE_READ = {
    "get_caller",
    "get_content",
    "get_file",
    "get_thumbnail",
    "get_timeline",
    "get_usage",
    "list_changes",
    "list_files",
    "list_tokens",
    "list_unsized_parts",
}
"""The operations for which the scope `read` is enough: they change nothing, and return no URL that does."""
