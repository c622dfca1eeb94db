"""What S3 responds to the requests of multipart uploads where the emulators respond otherwise, or can't.

The responses are those of https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html and of
the pages of the other operations.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from botocore.stub import Stubber

from chalicelib.adapters.s3 import S3Storage
from chalicelib.adapters.s3.connection_pool import ConnectionPool, Response
from chalicelib.core.errors import (
    STORAGE_UNAVAILABLE,
    MultipartUploadMissingError,
    ObjectExistsError,
    PartsRejectedError,
    ServiceError,
)
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PartRef
from tests.local_http_server import LocalHttpServer

KEY = "uploads/1/a.txt"
PARTS = [PartRef(number=1, etag="a" * 32), PartRef(number=2, etag="b" * 32)]
CRC64NVME = Checksum("crc64nvme", "0123456789abcdef")

PROLOG = b'<?xml version="1.0" encoding="UTF-8"?>\n'
COMPLETED = (
    b'<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>b</Bucket>'
    b"<Key>uploads/1/a.txt</Key><ETag>&quot;3858f62230ac3c915f300c664312c11f-2&quot;</ETag>"
    b"</CompleteMultipartUploadResult>"
)
SPACES = b" " * 500
"""S3 sends them while it works."""


def error(code: str, message: str = "…") -> bytes:
    return PROLOG + f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@dataclass
class Responses:
    """What the server responds, one after another, the last again and again; and what it was asked."""

    responses: list[tuple[int, bytes]]
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    def take(self) -> tuple[int, bytes]:
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]


@contextmanager
def serve(*responses: tuple[int, bytes]) -> Iterator[tuple[S3Storage, Responses]]:
    """Yield a storage whose S3 responds this."""
    script = Responses(list(responses))

    class Handler(BaseHTTPRequestHandler):
        """Responds what the script says, and closes the connection."""

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            script.requests.append((self.command, self.path, headers, body))
            status, content = script.take()
            self.send_response(status)
            self.end_headers()  # without a Content-Length, so that a connection may end too early
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = respond  # noqa: N815  # the names are the base class's

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with LocalHttpServer(Handler).run() as server:
        yield S3Storage("bucket", f"http://127.0.0.1:{server.server_port}"), script


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before it repeats a request."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _: None)


def complete(storage: S3Storage, size: int | None = 10, checksum: Checksum | None = None) -> str:
    return storage.complete_multipart_upload(KEY, "id", PARTS, size=size, checksum=checksum)


class TestComplete:
    """CompleteMultipartUpload."""

    def test_is_one_request_with_every_condition(self) -> None:
        with serve((200, PROLOG + COMPLETED)) as (storage, script):
            assert complete(storage, 10, CRC64NVME) == "3858f62230ac3c915f300c664312c11f-2"
        [(method, path, headers, body)] = script.requests
        assert (method, path) == ("POST", "/bucket/uploads/1/a.txt?uploadId=id")
        assert headers["if-none-match"] == "*"
        assert headers["x-amz-mp-object-size"] == "10"
        assert headers["x-amz-checksum-crc64nvme"] == "ASNFZ4mrze8="
        assert headers["x-amz-checksum-type"] == "FULL_OBJECT"
        assert b"<PartNumber>1</PartNumber>" in body
        assert body.index(b"a" * 32) < body.index(b"b" * 32)

    @pytest.mark.parametrize("checksum", [None, Checksum("sha256", "ab" * 32)])
    def test_sends_no_checksum_that_s3_has_not(self, checksum: Checksum | None) -> None:
        with serve((200, PROLOG + COMPLETED)) as (storage, script):
            complete(storage, None, checksum)
        [(_, _, headers, _)] = script.requests
        assert "x-amz-mp-object-size" not in headers
        assert "x-amz-checksum-type" not in headers
        assert "x-amz-checksum-sha256" not in headers

    def test_waits_for_the_body_of_the_200(self) -> None:
        with serve((200, PROLOG + SPACES + COMPLETED)) as (storage, _):
            assert complete(storage) == "3858f62230ac3c915f300c664312c11f-2"

    @pytest.mark.parametrize(
        "body",
        [
            error("InternalError"),
            PROLOG + SPACES + error("InternalError").removeprefix(PROLOG),
            b"",
            PROLOG + SPACES,
            (PROLOG + COMPLETED)[:-5],
            PROLOG + b"<CompleteMultipartUploadResult/>",
        ],
    )
    def test_200_with_an_error_is_unavailable(self, body: bytes) -> None:
        with serve((200, body)) as (storage, _), pytest.raises(ServiceError) as caught:
            complete(storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE

    def test_200_with_an_error_is_repeated_once(self) -> None:
        with serve((200, error("InternalError")), (200, PROLOG + COMPLETED)) as (storage, script):
            assert complete(storage) == "3858f62230ac3c915f300c664312c11f-2"
        assert len(script.requests) == 2

    @pytest.mark.parametrize("status", [200, 400])
    @pytest.mark.parametrize(
        ("code", "reason"),
        [
            ("InvalidPart", "missing"),
            ("InvalidPartOrder", "ascending"),
            ("EntityTooSmall", "5 MiB"),
            ("EntityTooLarge", "larger"),
            ("BadDigest", "checksum"),
            ("InvalidRequest", "size"),
        ],
    )
    def test_refusal_says_why(self, status: int, code: str, reason: str) -> None:
        with (
            serve((status, error(code))) as (storage, _),
            pytest.raises(PartsRejectedError, match=reason) as caught,
        ):
            complete(storage)
        assert reason in caught.value.reason

    def test_invalid_request_without_a_size_is_unavailable(self) -> None:
        with serve((400, error("InvalidRequest"))) as (storage, _), pytest.raises(ServiceError) as caught:
            complete(storage, size=None)
        assert caught.value.kind is STORAGE_UNAVAILABLE

    def test_existing_object_stays(self) -> None:
        with serve((412, error("PreconditionFailed"))) as (storage, _), pytest.raises(ObjectExistsError):
            complete(storage)

    def test_missing_upload(self) -> None:
        with serve((404, error("NoSuchUpload"))) as (storage, _), pytest.raises(MultipartUploadMissingError):
            complete(storage)

    @pytest.mark.parametrize(("status", "code"), [(409, "ConditionalRequestConflict"), (403, "AccessDenied")])
    def test_other_refusals_are_unavailable(self, status: int, code: str) -> None:
        """After a conflict the next attempt finds the object, or that there is no such upload."""
        with serve((status, error(code))) as (storage, script), pytest.raises(ServiceError) as caught:
            complete(storage)
        assert caught.value.kind is STORAGE_UNAVAILABLE
        assert len(script.requests) == 1


def part_page(first: int, last: int, *, is_truncated: bool) -> dict[str, Any]:
    parts = [{"PartNumber": number, "ETag": '"e"', "Size": number} for number in range(first, last + 1)]
    return {"Parts": parts, "IsTruncated": is_truncated, "NextPartNumberMarker": last}


def test_all_pages_of_parts_are_read() -> None:
    storage = S3Storage("bucket")
    request = {"Bucket": "bucket", "Key": KEY, "UploadId": "id"}
    with Stubber(storage._client) as stub:
        stub.add_response("list_parts", part_page(1, 1000, is_truncated=True), request)
        second = {**request, "PartNumberMarker": 1000}
        stub.add_response("list_parts", part_page(1001, 1500, is_truncated=False), second)
        parts = storage.list_parts(KEY, "id")
        stub.assert_no_pending_responses()
    assert parts is not None
    assert [(part.number, part.size, part.etag) for part in parts] == [(n, n, "e") for n in range(1, 1501)]


def test_all_pages_of_uploads_are_read() -> None:
    storage = S3Storage("bucket")
    request = {"Bucket": "bucket", "Prefix": KEY}
    first = {
        "Uploads": [{"Key": KEY, "UploadId": "1"}],
        "IsTruncated": True,
        "NextKeyMarker": KEY,
        "NextUploadIdMarker": "1",
    }
    last = {
        "Uploads": [{"Key": KEY, "UploadId": "2"}, {"Key": f"{KEY}.gz", "UploadId": "3"}],
        "IsTruncated": False,
    }
    with Stubber(storage._client) as stub:
        stub.add_response("list_multipart_uploads", first, request)
        stub.add_response("list_multipart_uploads", last, {**request, "KeyMarker": KEY, "UploadIdMarker": "1"})
        assert storage.multipart_uploads(KEY) == ["1", "2"]


@pytest.mark.parametrize(
    ("checksum", "fields"),
    [
        (CRC64NVME, {"ChecksumAlgorithm": "CRC64NVME", "ChecksumType": "FULL_OBJECT"}),
        (Checksum("sha256", "0" * 64), {}),
        (None, {}),
    ],
)
def test_multipart_upload_names_the_checksum_that_will_be_verified(
    checksum: Checksum | None, fields: dict[str, str]
) -> None:
    """If it names one, LocalStack takes no part without a checksum. By default S3 computes a CRC64NVME, too."""
    storage = S3Storage("bucket")
    request = {"Bucket": "bucket", "Key": KEY, "ContentType": "a/b", **fields}
    with Stubber(storage._client) as stub:
        stub.add_response("create_multipart_upload", {"UploadId": "id"}, request)
        assert storage.create_multipart_upload(KEY, "a/b", checksum) == "id"


@pytest.mark.parametrize(
    ("fields", "checksum"),
    [
        ({"x-amz-checksum-crc64nvme": "ASNFZ4mrze8=", "x-amz-checksum-type": "FULL_OBJECT"}, CRC64NVME),
        ({"x-amz-checksum-sha256": "q6ur-2", "x-amz-checksum-type": "COMPOSITE"}, None),
        ({"x-amz-checksum-crc64nvme": "ASNFZ4mrze8=-2", "x-amz-checksum-type": "COMPOSITE"}, None),
        ({"x-amz-checksum-crc32": "AAAAAA==-2"}, None),
        ({}, None),
    ],
)
def test_checksum_of_a_multipart_object_is_of_all_its_bytes_or_none(
    fields: dict[str, str], checksum: Checksum | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    received = {"content-length": "10", "etag": '"3858f62230ac3c915f300c664312c11f-2"', **fields}

    def respond(_: object, method: str, target: str, headers: Mapping[str, str], *__: object) -> Response:
        assert (method, target, headers["x-amz-checksum-mode"]) == ("HEAD", f"/bucket/{KEY}", "ENABLED")
        return Response(200, received, b"")

    monkeypatch.setattr(ConnectionPool, "request", respond)
    head = S3Storage("bucket", "http://127.0.0.1:1").head(KEY)
    assert head is not None
    assert (head.checksum, head.etag) == (checksum, "3858f62230ac3c915f300c664312c11f-2")
