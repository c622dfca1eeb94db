"""The conformance suite of the presigned requests of `Storage`: what they accept, and what is refused.

moto doesn't verify signatures, so it is left out where something is refused. On all three, nothing is stored then.
"""

import base64
import json
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import requests
from msgspec.structs import replace

from chalicelib.adapters.s3 import S3Storage
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import ObjectRange, PresignedRequest, Storage
from tests.contracts.storage_client import LIFETIME, send, send_form, send_part
from tests.crc64nvme import crc64nvme
from tests.samples import checksum

KEY = "uploads/1/Grüße +1 😀~.txt"
BODY = b"0123456789"
IMAGE = {"Content-Type": "image/png"}
TYPE = "text/plain; charset=utf-8"

verifying = pytest.mark.parametrize("storage", ["fake", "ministack"], indirect=True)
only_s3 = pytest.mark.parametrize("storage", ["ministack"], indirect=True)

CHECKSUMS = [None, checksum(BODY), Checksum("crc64nvme", crc64nvme(BODY))]


def put_url(storage: Storage, body: bytes = BODY, given: Checksum | None = None) -> PresignedRequest:
    return storage.put_url(KEY, size=len(body), media_type=TYPE, checksum=given, lifetime=LIFETIME)


def without(request: PresignedRequest, name: str) -> dict[str, str]:
    return {header: value for header, value in request.headers.items() if header != name}


class TestPut:
    """One PUT of a whole object."""

    @pytest.mark.parametrize("given", CHECKSUMS)
    def test_object_is_stored_with_its_type(self, storage: Storage, given: Checksum | None) -> None:
        response = send(storage, put_url(storage, given=given), BODY)
        assert response.status == 200
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type, head.etag) == (10, TYPE, response.etag)
        assert storage.read(KEY, 0, 10) == ObjectRange(BODY, 10, response.etag)

    @verifying
    @pytest.mark.parametrize("given", CHECKSUMS[1:])
    def test_given_checksum_is_the_object_s(self, storage: Storage, given: Checksum) -> None:
        assert send(storage, put_url(storage, given=given), BODY).status == 200
        head = storage.head(KEY)
        assert head is not None
        assert head.checksum == given

    def test_object_may_be_empty(self, storage: Storage) -> None:
        assert send(storage, put_url(storage, b"", checksum(b"")), b"").status == 200
        head = storage.head(KEY)
        assert head is not None
        assert head.size == 0

    @verifying
    @pytest.mark.parametrize("body", [b"", BODY[:9], BODY + b"x"])
    def test_other_length_is_refused(self, storage: Storage, body: bytes) -> None:
        assert send(storage, put_url(storage), body).status == 403
        assert storage.head(KEY) is None

    @verifying
    @pytest.mark.parametrize("given", CHECKSUMS[1:])
    def test_other_bytes_are_refused(self, storage: Storage, given: Checksum) -> None:
        assert send(storage, put_url(storage, given=given), b"012345678x").status == 400
        assert storage.head(KEY) is None

    @verifying
    @pytest.mark.parametrize("name", ["Content-Type", "If-None-Match", "x-amz-checksum-sha256"])
    def test_headers_must_be_sent_as_they_are(self, storage: Storage, name: str) -> None:
        request = put_url(storage, given=checksum(BODY))
        for headers in (without(request, name), {**request.headers, name: "text/html"}):
            assert send(storage, request, BODY, headers).status == 403
        assert storage.head(KEY) is None

    @verifying
    @pytest.mark.parametrize("name", ["x-amz-acl", "x-amz-meta-a", "X-Amz-Storage-Class", "x-amz-checksum-crc32"])
    def test_headers_of_s3_must_be_signed(self, storage: Storage, name: str) -> None:
        """Otherwise a client could choose what becomes of the object."""
        request = put_url(storage)
        assert send(storage, request, BODY, {**request.headers, name: "private"}).status == 403
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.part_url(KEY, upload_id, 1, size=10, lifetime=LIFETIME)
        assert send(storage, PresignedRequest("PUT", url, {name: "private"}), BODY).status == 403
        assert storage.list_parts(KEY, upload_id) == []
        assert storage.head(KEY) is None

    @verifying
    def test_second_put_is_refused(self, storage: Storage) -> None:
        request = put_url(storage)
        assert send(storage, request, BODY).status == 200
        assert send(storage, request, b"9876543210").status == 412
        assert storage.read(KEY, 0, 10).data == BODY

    @verifying
    def test_other_url_or_method_is_refused(self, storage: Storage) -> None:
        request = put_url(storage)
        last = request.url[-1]
        for changed in (
            replace(request, url=request.url[:-1] + ("0" if last != "0" else "1")),
            replace(request, url=request.url.replace("uploads/1/", "uploads/2/")),
            replace(request, url=request.url.replace("300", "3000")),
            replace(request, method="POST"),
        ):
            assert changed != request
            assert send(storage, changed, BODY).status == 403
        assert storage.list("", "").objects == []

    @only_s3
    def test_expired_url_is_refused(self, storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as past:
            past.setattr(
                "chalicelib.adapters.aws.signature.current_time", lambda: datetime.now(UTC) - timedelta(minutes=6)
            )
            request = put_url(storage)
            part = storage.part_url(KEY, "id", 1, size=10, lifetime=LIFETIME)
        assert "Request has expired" in send(storage, request, BODY).body
        assert "Request has expired" in send_part(storage, part, BODY).body
        assert storage.head(KEY) is None

    @only_s3
    @pytest.mark.parametrize(
        "media_type",
        [
            "application/x-www-form-urlencoded; charset=utf-8",  # botocore leaves exactly this one out
            "application/x-www-form-urlencoded",
            'multipart/mixed;  boundary="a  b"',
            "text/plain ; x",
        ],
    )
    def test_every_type_is_signed(self, storage: Storage, media_type: str) -> None:
        request = storage.put_url(KEY, size=10, media_type=media_type, checksum=None, lifetime=LIFETIME)
        assert send(storage, request, BODY, {**request.headers, "Content-Type": "text/html"}).status == 403
        assert send(storage, request, BODY).status == 200
        head = storage.head(KEY)
        assert head is not None
        assert head.media_type == request.headers["Content-Type"]
        assert head.media_type.replace(" ", "") == media_type.replace(" ", "")


@only_s3
class TestConnections:
    """Bodies that aren't what their headers say, as HTTP libraries don't send them."""

    def test_body_that_ends_early_stores_nothing(self, storage: Storage) -> None:
        response = exchange(put_url(storage), b"Content-Length: 10", BODY[:9])
        assert response[:12] in {b"", b"HTTP/1.1 400"}, "some servers just close the connection"
        assert storage.head(KEY) is None

    def test_what_comes_after_the_length_is_not_stored(self, storage: Storage) -> None:
        assert exchange(put_url(storage), b"Content-Length: 10", BODY + b"x").startswith(b"HTTP/1.1 200")
        assert storage.read(KEY, 0, 100).data == BODY

    def test_body_without_a_length_is_refused(self, storage: Storage) -> None:
        chunks = b"a\r\n0123456789\r\n0\r\n\r\n"
        response = exchange(put_url(storage), b"Transfer-Encoding: chunked", chunks)
        assert response.startswith(b"HTTP/1.1 403")
        assert storage.head(KEY) is None


def exchange(request: PresignedRequest, framing: bytes, body: bytes) -> bytes:
    """Send these bytes, close that half of the connection, and return the beginning of the response."""
    url = urlsplit(request.url)
    headers = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n{headers}"
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(head.encode() + framing + b"\r\n\r\n" + body)
        connection.shutdown(socket.SHUT_WR)
        return connection.recv(1000)


class TestParts:
    """PUTs of parts."""

    def test_part_is_stored(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        response = send_part(storage, storage.part_url(KEY, upload_id, 7, size=10, lifetime=LIFETIME), BODY)
        assert response.status == 200
        parts = storage.list_parts(KEY, upload_id)
        assert parts is not None
        assert [(part.number, part.size, part.etag) for part in parts] == [(7, 10, response.etag)]

    def test_part_without_a_size_has_any(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.part_url(KEY, upload_id, 1, size=None, lifetime=LIFETIME)
        assert send_part(storage, url, BODY).status == 200
        assert send_part(storage, url, b"another").status == 200
        parts = storage.list_parts(KEY, upload_id)
        assert parts is not None
        assert [part.size for part in parts] == [7], "a part replaces the one of its number"

    @verifying
    @pytest.mark.parametrize("body", [b"", BODY[:9], BODY + b"x"])
    def test_other_length_is_refused(self, storage: Storage, body: bytes) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.part_url(KEY, upload_id, 1, size=10, lifetime=LIFETIME)
        assert send_part(storage, url, body).status == 403
        assert storage.list_parts(KEY, upload_id) == []

    @verifying
    def test_other_number_upload_or_key_is_refused(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        other_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.part_url(KEY, upload_id, 1, size=10, lifetime=LIFETIME)
        for other in (
            url.replace("partNumber=1", "partNumber=2"),
            url.replace(upload_id, other_id),
            url.replace("uploads/1/", "uploads/2/"),
        ):
            assert other != url
            assert send_part(storage, other, BODY).status == 403
        assert storage.list_parts(KEY, upload_id) == []
        assert storage.list_parts(KEY, other_id) == []

    @verifying
    def test_part_of_an_aborted_upload_is_refused(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.part_url(KEY, upload_id, 1, size=10, lifetime=LIFETIME)
        storage.abort_multipart_upload(KEY, upload_id)
        assert send_part(storage, url, BODY).status == 404


class TestForm:
    """A POST of a form."""

    @verifying  # moto doesn't read the form's type
    @pytest.mark.parametrize("body", [b"", BODY])
    def test_object_is_stored_with_its_type(self, storage: Storage, body: bytes) -> None:
        form = storage.post_form(KEY, media_type=TYPE, max_bytes=10, lifetime=LIFETIME)
        response = send_form(storage, form, body)
        assert response.status == 201
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type, head.etag) == (len(body), TYPE, response.etag)

    @verifying
    def test_more_than_the_limit_is_refused(self, storage: Storage) -> None:
        form = storage.post_form(KEY, media_type=TYPE, max_bytes=9, lifetime=LIFETIME)
        assert send_form(storage, form, BODY).status == 400
        assert storage.head(KEY) is None

    @only_s3
    def test_other_fields_are_refused(self, storage: Storage) -> None:
        form = storage.post_form(KEY, media_type=TYPE, max_bytes=10, lifetime=LIFETIME)
        other = storage.post_form(KEY, media_type=TYPE, max_bytes=99, lifetime=LIFETIME)
        for changed in (
            {"key": "uploads/2/a"},
            {"Content-Type": "text/html"},
            {"policy": other.fields["policy"]},
            {"acl": "public-read"},
            {"success_action_redirect": "https://attacker.example/"},
        ):
            assert send_form(storage, form, BODY, **changed).status in {400, 403}
        assert storage.list("", "").objects == []

    def test_limit_is_at_most_that_of_s3(self) -> None:
        storage = S3Storage("bucket")
        form = storage.post_form(KEY, media_type=TYPE, max_bytes=10**15, lifetime=LIFETIME)
        conditions = json.loads(base64.b64decode(form.fields["policy"]))["conditions"]
        assert ["content-length-range", 0, 5 * 1024**3] in conditions


class TestRequestsOfBrowsers:
    """Requests without headers of the client's choice."""

    @only_s3
    def test_object_is_made_of_parts(self, storage: Storage) -> None:
        created = send(storage, post(storage.create_multipart_upload_url(KEY, lifetime=LIFETIME)), headers=IMAGE)
        assert created.status == 200
        [upload_id] = storage.multipart_uploads(KEY)
        assert f"<UploadId>{upload_id}</UploadId>" in created.body
        part = send_part(storage, storage.part_url(KEY, upload_id, 1, size=None, lifetime=LIFETIME), BODY)
        listed = send(
            storage, PresignedRequest("GET", storage.list_parts_url(KEY, upload_id, lifetime=LIFETIME), {})
        )
        assert "<PartNumber>1</PartNumber>" in listed.body
        request = post(storage.complete_multipart_upload_url(KEY, upload_id, lifetime=LIFETIME))
        body = (
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber>"
            f"<ETag>{part.etag}</ETag></Part></CompleteMultipartUpload>"
        ).encode()
        completed = send(storage, request, body, {"Content-Type": "application/xml"})
        assert "<Key>" in completed.body
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type) == (10, "image/png")
        assert storage.multipart_uploads(KEY) == []

    @only_s3
    def test_abort_deletes_the_parts(self, storage: Storage) -> None:
        upload_id = storage.create_multipart_upload(KEY, TYPE)
        url = storage.abort_multipart_upload_url(KEY, upload_id, lifetime=LIFETIME)
        assert send(storage, PresignedRequest("DELETE", url, {})).status == 204
        assert storage.list_parts(KEY, upload_id) is None

    @only_s3
    @pytest.mark.parametrize("body", [b"", BODY])
    def test_object_of_any_size_and_type_is_stored(self, storage: Storage, body: bytes) -> None:
        request = PresignedRequest("PUT", storage.unsized_put_url(KEY, lifetime=LIFETIME), {})
        assert send(storage, request, body, IMAGE).status == 200
        head = storage.head(KEY)
        assert head is not None
        assert (head.size, head.media_type) == (len(body), "image/png")


def post(url: str) -> PresignedRequest:
    return PresignedRequest("POST", url, {})


class TestDownload:
    """A GET."""

    @only_s3
    def test_download_url_sets_type_and_disposition(self, storage: Storage) -> None:
        storage.put(KEY, BODY, TYPE)
        disposition = "attachment; filename*=UTF-8''%C3%BC%20%2B.txt"
        url = storage.download_url(KEY, media_type="image/png", disposition=disposition, lifetime=LIFETIME)
        response = requests.get(url, timeout=10)
        assert response.content == BODY
        assert (response.headers["Content-Type"], response.headers["Content-Disposition"]) == (
            "image/png",
            disposition,
        )
        assert "X-Amz-Expires=300" in url
        assert requests.get(url.replace("image%2Fpng", "text%2Fhtml"), timeout=10).status_code == 403
