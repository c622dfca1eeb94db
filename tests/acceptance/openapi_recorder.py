"""Records requests and responses as the examples of the API's description, without what differs with each run."""

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import requests

from app import app
from chalicelib.core.accounts.api_tokens import is_api_token
from chalicelib.core.files.download_urls import LIFETIME as DOWNLOAD_URL_LIFETIME
from chalicelib.http.openapi.examples import REQUEST_ID
from chalicelib.http.resources.times import rfc3339
from chalicelib.http.router import operations
from chalicelib.http.typed_response import headers_of
from tests.acceptance.client import Client

HOST = "https://files.example.com"
STORAGE_HOST = "https://uploads.s3.eu-central-1.amazonaws.com"
OVERDUE_SECONDS = 960.0
"""The age of the oldest file in the example of a service that is unhealthy."""
START = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
MILLISECONDS = {
    "uploaded_at": 12,
    "processed_at": 84,
    "created_at": 0,
    "url_expires_at": 60 * 60 * 1000,
    "day_ends_at": 8 * 60 * 60 * 1000,
    "expires_at": 7 * 24 * 60 * 60 * 1000,
    "waiting_since": -int(OVERDUE_SECONDS * 1000),
    "newest_at": -3 * 60 * 60 * 1000,
    "measured_at": 0,
    "finished_at": -20 * 1000,
}
"""After `START`, of the times in a file, an upload, a token and an overview."""

NUMBERS = {"examined": 12_000, "marked": 310, "seconds": 0.123}
"""Of files that are marked to be processed again, and of a sweep."""

FILES = {"processed": 11_990, "failed": 9, "uploaded": 1, "image/*": 11_000, "text/*": 991, "unreadable_image": 9}
"""In the overview, by status, type and error. Other statuses have none; other types and errors are left out."""

FILE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
PRESIGNED = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIAIOSFODNN7EXAMPLE/20261123/eu-central-1/s3/aws4_request",
    "X-Amz-Date": "20261123T160000Z",
    "X-Amz-Signature": "0" * 64,
}
"""Parameters of a presigned URL: AWS's documentation has this key, too."""

UPLOAD_ID = "2~VmVGYWtlVXBsb2FkSWQ"
"""S3's, of a multipart upload."""

SIGNED_FIELDS = {
    "policy": "eyJleHBpcmF0aW9uIjogIjIwMjYtMTEtMjNUMTc6MDA6MDBaIn0=",
    "x-amz-credential": PRESIGNED["X-Amz-Credential"],
    "x-amz-date": PRESIGNED["X-Amz-Date"],
    "x-amz-signature": PRESIGNED["X-Amz-Signature"],
    "bucket": urlsplit(STORAGE_HOST).netloc.partition(".")[0],
}
"""Of a form, and of what Uppy gets beside it."""

API_TOKEN = "flt_Hn3bT0aVx2Y8uQkJ4cR7sLmZ1wPdE6fG0a1B2c"
"""Its last characters don't check the others."""

UPLOAD_TOKEN = f"WyJ1cGxvYWQiLCJhbGljZSIsMTc5NTg2MTI2MCxudWxsXQ.{'0' * 43}"
"""The last part is no signature of the first one."""

Json = Any


class Recorder:
    """Sends requests, and keeps them with their responses."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._recorded: list[tuple[str, str, str, Json, requests.Response]] = []
        self._errors: dict[str, requests.Response] = {}
        self._file_ids: dict[str, str] = {}
        self._seqs: dict[int, int] = {}
        self._upload_ids: list[str] = []

    def record(
        self, operation_id: str, method: str, path: str, *, name: str = "example", **options: Any
    ) -> requests.Response:
        """Send a request, and keep it as an example of the operation. Several for one status need a name each."""
        response = self._client.request(method, path, **options)
        self._recorded.append((operation_id, name, f"{method} {path}", options.get("json"), response))
        return response

    def know_upload_id(self, upload_id: str) -> None:
        """Replace this id of a multipart upload of S3's in the examples."""
        self._upload_ids.append(upload_id)

    def forget_last(self) -> None:
        """Forget the example that was recorded last."""
        self._recorded.pop()

    def record_error(self, kind: str, method: str, path: str, **options: Any) -> None:
        """Send a request that ends with an error of this kind, and keep the response."""
        self._errors[kind] = self._client.request(method, path, **options)

    def examples(self) -> Json:
        """Return the examples of each operation, and the error responses by the name of the error's kind."""
        by_operation: dict[str, list[Json]] = {}
        for operation_id, name, request, request_body, response in self._recorded:
            example = {"name": name, "request": self._text(request), "status": response.status_code}
            if request_body is not None:
                example["request_body"] = self._body(request_body)
            if response.headers.get("Content-Type") == "application/json":
                example["body"] = self._body(response.json())
            described = described_headers(operation_id, response.status_code)
            example["headers"] = {
                name: self._header(name, response.headers[name]) for name in described if name in response.headers
            }
            by_operation.setdefault(operation_id, []).append(example)
        errors = {kind: self._body(response.json()) for kind, response in sorted(self._errors.items())}
        return {"operations": by_operation, "errors": errors}

    def _body(self, body: Json, name: str = "", position: int = 0) -> Json:
        """Return the body with its volatile values replaced. `position` is that in the array around it."""
        if isinstance(body, dict):
            if "openapi" in body:
                return {**body, "servers": [{"url": HOST}], "info": {}, "tags": [], "paths": {}, "components": {}}
            if body.keys() == {"url", "expires_at"}:
                expires_at = rfc3339(START + DOWNLOAD_URL_LIFETIME)
                return {"url": self._body(body["url"]), "expires_at": expires_at}
            shown = fix_overview(body) if "last_sweep" in body else body
            return {key: self._body(value, key, position) for key, value in shown.items()}
        if isinstance(body, list):
            return [self._body(value, name, index) for index, value in enumerate(body)]
        if name == "seq":
            return self._seq(body)
        if name == "oldest_queued_age_seconds":
            return OVERDUE_SECONDS if (body or 0) > OVERDUE_SECONDS else None
        return self._body_text(body, name, position) if isinstance(body, str) else NUMBERS.get(name, body)

    def _body_text(self, text: str, name: str, position: int) -> str:
        if name in MILLISECONDS or name == "at":
            moment = START + timedelta(milliseconds=MILLISECONDS.get(name, 12 * (position + 1)))
            return rfc3339(moment)
        if name in SIGNED_FIELDS:
            return SIGNED_FIELDS[name]
        if name == "token":
            return API_TOKEN if is_api_token(text) else UPLOAD_TOKEN
        if "X-Amz-Signature" in text:
            return self._presigned_url(text)
        return {"requestId": REQUEST_ID, "sequencer": "0" * 18}.get(name, self._text(text))

    def _header(self, name: str, value: str) -> str:
        if name == "Location" and "X-Amz-Signature" in value:
            return self._presigned_url(value)
        if name == "ETag":
            return re.sub(r"[0-9a-f]{32}", "0" * 32, value)
        return re.sub(r"cursor=([\w%-]+)", self._cursor, self._text(value))

    def _presigned_url(self, url: str) -> str:
        """Return the URL as it is on AWS, with values that are never valid."""
        parts = urlsplit(url)
        key = parts.path.split("/", 2)[2]
        query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **PRESIGNED}
        if "uploadId" in query:
            query["uploadId"] = UPLOAD_ID
        return f"{STORAGE_HOST}/{self._text(key)}?{urlencode(dict(sorted(query.items())))}"

    def _cursor(self, match: re.Match[str]) -> str:
        cursor = unquote(match[1])
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = {**position, "key": START.isoformat(), "id": self._text(position["id"])}
        encoded = json.dumps(position, separators=(",", ":")).encode()
        return "cursor=" + base64.urlsafe_b64encode(encoded).decode().rstrip("=")

    def _text(self, text: str) -> str:
        """Return the text with fixed ids of files and names of assets, and with the hosts of the examples."""
        text = text.replace(self._client.base_url, HOST)
        text = re.sub(r"http://(127\.0\.0\.1|localhost):\d+(/file-loader(?=/))?", STORAGE_HOST, text)
        for upload_id in self._upload_ids:
            text = text.replace(upload_id, UPLOAD_ID)
        text = re.sub(r"-[0-9a-f]{10}\.", "-0123456789.", text)
        text = re.sub(r"-[0-9A-Z]{8}\.js\b", "-ABCD2345.js", text)
        text = re.sub(r"(?<=/u/)[^/\"]+", UPLOAD_TOKEN, text)
        text = re.sub(r"since=(\d+)", lambda match: f"since={self._seq(int(match[1]))}", text)
        return FILE_ID.sub(lambda match: self._file_ids.setdefault(match[0], self._next_id()), text)

    def _seq(self, seq: int) -> int:
        """Return the number of a change in the examples: they are numbered in the order of their appearance."""
        return self._seqs.setdefault(seq, len(self._seqs))

    def _next_id(self) -> str:
        return f"019ab12c-0000-7000-8000-{len(self._file_ids) + 1:012}"


def fix_overview(body: Json) -> Json:
    """Return an overview whose numbers are those of the example, because other tests have files, too."""
    longest = [file for file in body["late"]["longest"] if "lagoon" in file["name"]]
    return {
        **body,
        "statuses": [{**each, "files": FILES.get(each["status"], 0)} for each in body["statuses"]],
        "types": [
            {**each, "files": FILES[each["type"]]}
            for each in sorted(body["types"], key=lambda each: each["type"] or "")
            if each["type"] in FILES
        ],
        "late": {**body["late"], "files": len(longest), "longest": longest},
        "failures": [{**each, "files": FILES[each["code"]]} for each in body["failures"] if each["code"] in FILES],
        "to_be_reprocessed": {"files": 0, "precision": "exact"},
        "last_sweep": {**body["last_sweep"], "end": "completed", "outcomes": {"retry_due": 1}},
    }


def described_headers(operation_id: str, status: int) -> list[str]:
    """Return the names of the headers that the operation declares for its response with this status."""
    [operation] = [each for each in operations(app) if each.operation_id == operation_id]
    [response] = [each for each in operation.responses if each.status_code == status]
    declared = headers_of(response).values()
    return [header.name for header, _ in declared if header.name != "Content-Type"]
