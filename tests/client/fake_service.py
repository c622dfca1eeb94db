"""A service and an S3 in one server, for what real ones don't do on demand, such as losing a response."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import md5
from http.server import BaseHTTPRequestHandler
from threading import Lock
from urllib.parse import parse_qs, urlsplit

import anycrc
import pytest

from file_loader_client import connections
from tests.client.fake_accounts import FakeAccounts
from tests.client.fake_messages import Json, Reply, Request, error, reply
from tests.local_http_server import LocalHttpServer


@dataclass
class FakeUpload:
    """An upload and its file."""

    id: str
    body: Json
    part_size: int | None
    data: bytes | None = None
    parts: dict[int, bytes] = field(default_factory=dict)

    @property
    def sizes(self) -> list[int]:
        if self.part_size is None:
            return []
        size = self.body["size"]
        return [min(self.part_size, size - first) for first in range(0, size, self.part_size)]


Fault = Callable[[Request], Reply | None]
"""Returns what to respond with instead, None to respond as usual. Raises ConnectionError to lose the response."""


class FakeService:
    """Responds like the service and S3. `threshold` and `part_size` are in bytes; `faults` are asked first."""

    def __init__(self) -> None:
        self.url = ""
        self.threshold = 100
        self.part_size = 50
        self.batch = 3
        self.url_lifetime = timedelta(hours=1)
        self.generation = 1
        """URLs of another generation have expired."""
        self.uploads: dict[str, FakeUpload] = {}
        self.by_key: dict[str, FakeUpload] = {}
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.accounts = FakeAccounts()
        self.stored_checksum: str | None = None
        """The checksum that files have, instead of their own."""
        self._lock = Lock()

    def respond(self, request: Request) -> Reply:
        """Return the response. Faults come after it, so that a lost response has had its effect."""
        with self._lock:
            self.requests.append(request)
            reply = self._respond(request)
            for fault in list(self.faults):
                if (other := fault(request)) is not None:
                    return other
            return reply

    def count(self, method: str, path: str) -> int:
        """Return how many requests there were whose path matches the regular expression."""
        return sum(each.method == method and re.fullmatch(path, each.path) is not None for each in self.requests)

    def sent_parts(self) -> Counter[int]:
        """Return how often each part was sent."""
        sent = [each for each in self.requests if each.method == "PUT" and "part" in each.query]
        return Counter(int(each.query["part"]) for each in sent)

    def _respond(self, request: Request) -> Reply:
        _, area, *rest = [*request.path.strip("/").split("/"), ""]
        if request.path.startswith("/s3/"):
            return self._put(request) if request.method == "PUT" else self._get(request)
        if (found := self.accounts.respond(request)) is not None:
            return found
        if area == "uploads":
            return self._upload_call(request, *rest)
        upload = self.uploads.get(rest[0])
        if upload is None:
            return error(404, "not_found")
        if request.path.endswith("/content"):
            return Reply(302, headers={"Location": f"{self.url}/s3/{upload.id}?g={self.generation}"})
        return reply(200, self._file(upload))

    def _upload_call(self, request: Request, upload_id: str = "", call: str = "", *_: str) -> Reply:
        if not upload_id:
            return self._create(request)
        upload = self.uploads.get(upload_id)
        if upload is None:
            return error(404, "upload_not_found")
        if request.method == "DELETE":
            del self.uploads[upload_id]
            return Reply(204)
        if call == "parts":
            return reply(200, self._urls(upload, json.loads(request.body)["numbers"]))
        if call == "complete":
            return self._complete(upload, json.loads(request.body))
        parts = [
            {"number": number, "size": len(data), "etag": md5(data, usedforsecurity=False).hexdigest()}
            for number, data in sorted(upload.parts.items())
        ]
        return reply(200, {**self._resource(upload), "parts": None, "uploaded_parts": parts})

    def _create(self, request: Request) -> Reply:
        key = request.headers["idempotency-key"]
        if key not in self.by_key:
            body = json.loads(request.body)
            part_size = self.part_size if body["size"] > self.threshold else None
            upload = FakeUpload(f"upload-{len(self.by_key) + 1}", body, part_size)
            self.by_key[key] = self.uploads[upload.id] = upload
        return reply(201, self._resource(self.by_key[key]))

    def _resource(self, upload: FakeUpload) -> Json:
        waits = upload.data is None
        single = upload.part_size is None
        first = range(1, min(self.batch, len(upload.sizes)) + 1)
        urls = self._urls(upload, list(first))
        url = f"{self.url}/s3/{upload.id}?g={self.generation}"
        return {
            "id": upload.id,
            "status": "awaiting_upload" if waits else "uploaded",
            "name": upload.body["name"],
            "size": upload.body["size"],
            "expires_at": "2100-01-01T00:00:00Z",
            "upload": {"method": "PUT", "url": url, "headers": {"x-signed": "yes"}} if waits and single else None,
            "part_size": upload.part_size,
            "part_count": len(upload.sizes) or None,
            "parts": urls["parts"] if waits and not single else None,
            "uploaded_parts": None,
            "url_expires_at": urls["url_expires_at"],
            "file": f"{self.url}/api/files/{upload.id}/content",
            "metadata": upload.body.get("metadata", {}),
            "added_later": True,
        }

    def _urls(self, upload: FakeUpload, numbers: list[int]) -> Json:
        parts = [
            {
                "number": number,
                "size": upload.sizes[number - 1],
                "url": f"{self.url}/s3/{upload.id}?part={number}&g={self.generation}",
            }
            for number in numbers
        ]
        return {"parts": parts, "url_expires_at": (datetime.now(UTC) + self.url_lifetime).isoformat()}

    def _complete(self, upload: FakeUpload, body: Json) -> Reply:
        if upload.data is None:
            if upload.part_size is None or [len(data) for _, data in sorted(upload.parts.items())] != upload.sizes:
                return error(409, "upload_incomplete")
            etags = [md5(data, usedforsecurity=False).hexdigest() for _, data in sorted(upload.parts.items())]
            if "parts" in body and [each["etag"] for each in body["parts"]] != etags:
                return error(409, "upload_incomplete")
            upload.data = b"".join(data for _, data in sorted(upload.parts.items()))
        return reply(200, self._file(upload))

    def _file(self, upload: FakeUpload) -> Json:
        data = upload.data
        checksum = (
            None if data is None else self.stored_checksum or f"{anycrc.Model('CRC64-NVME').calc(data):016x}"
        )
        return {
            "id": upload.id,
            "file": f"{self.url}/api/files/{upload.id}/content",
            "uploaded_at": None if data is None else "2026-11-28T05:00:00.000Z",
            "processed": False,
            "name": upload.body["name"],
            "size": upload.body["size"] if data is None else len(data),
            "status": "awaiting_upload" if data is None else "uploaded",
            "processed_at": None,
            "attempts": 0,
            "types": {"declared": upload.body.get("type"), "extension": None, "detected": None, "mismatch": False},
            "checksum": None if checksum is None else {"algorithm": "crc64nvme", "value": checksum},
            "result": None,
            "error": None,
            "thumbnail": None,
            "owner": "me",
            "version": 1,
            "metadata": upload.body.get("metadata", {}),
            "added_later": {"anything": 1},
        }

    def _put(self, request: Request) -> Reply:
        upload = self.uploads[request.path.removeprefix("/s3/")]
        if int(request.query["g"]) != self.generation:
            return s3_error(403, "AccessDenied", "Request has expired")
        if "part" not in request.query:
            if upload.data is not None:
                return s3_error(412, "PreconditionFailed", "At least one of the pre-conditions did not hold")
            upload.data = request.body
        elif upload.data is not None:
            return s3_error(404, "NoSuchUpload", "The specified multipart upload does not exist")
        else:
            upload.parts[int(request.query["part"])] = request.body
        return Reply(200, headers={"ETag": f'"{md5(request.body, usedforsecurity=False).hexdigest()}"'})

    def _get(self, request: Request) -> Reply:
        data = self.uploads[request.path.removeprefix("/s3/")].data or b""
        found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if found is None:
            return Reply(200, data)
        return Reply(206, data[int(found[1]) :]) if int(found[1]) < len(data) else Reply(416)


def s3_error(status: int, code: str, message: str) -> Reply:
    return Reply(status, f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode())


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: FakeService

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            response = self.service.respond(Request(self.command, url.path, query, headers, body))
        except ConnectionError:
            self.close_connection = True
            return
        self.send_response(response.status)
        headers = {"Content-Length": str(len(response.body)), **response.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)
        if int(headers["Content-Length"]) > len(response.body):
            self.close_connection = True

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _respond  # noqa: N815  # names of http.server

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


def skip_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let further attempts follow at once, unless a response says when."""
    for retries in (connections.SERVICE_RETRIES, connections.CREATION_RETRIES, connections.S3_RETRIES):
        monkeypatch.setattr(retries, "backoff_factor", 0)
        monkeypatch.setattr(retries, "backoff_jitter", 0)


@contextmanager
def run_fake_service() -> Iterator[FakeService]:
    """Run a fake service at a free port of 127.0.0.1."""
    service = FakeService()
    handler = type("Handler", (_Handler,), {"service": service})
    with LocalHttpServer(handler).run() as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        yield service
