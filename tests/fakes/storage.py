"""`Storage` in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote

from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PresignedForm, PresignedRequest
from tests.crc64nvme import crc64nvme
from tests.fakes.multipart_uploads import FakeMultipartUploads, part_etag

HOST = "https://storage.test"


@dataclass(frozen=True)
class FakeResponse:
    """The storage's response to a client's request."""

    status: int
    etag: str = ""


@dataclass(frozen=True)
class SignedUpload:
    """What a presigned URL of an object or a part was signed for."""

    request: PresignedRequest
    key: str
    size: int | None
    checksum: Checksum | None = None
    upload_id: str = ""
    """Of a part."""
    number: int = 0


@dataclass
class FakeStorage(FakeMultipartUploads):
    """`Storage` in memory. `send` and `send_form` do what a client would do with a presigned request."""

    signed: dict[str, SignedUpload] = field(default_factory=dict)
    """By URL."""

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        return f"{HOST}/{key}?{media_type}&{disposition}&{lifetime.total_seconds():.0f}"

    def put_url(
        self, key: str, *, size: int, media_type: str, checksum: Checksum | None, lifetime: timedelta
    ) -> PresignedRequest:
        headers = {"Content-Type": media_type, "If-None-Match": "*"}
        if checksum:
            headers[f"x-amz-checksum-{checksum.algorithm}"] = checksum.value
        request = PresignedRequest("PUT", _url(key, lifetime, size=size), headers)
        self.signed[request.url] = SignedUpload(request, key, size, checksum)
        return request

    def post_form(self, key: str, *, media_type: str, max_bytes: int, lifetime: timedelta) -> PresignedForm:
        fields = {"key": key, "Content-Type": media_type, "success_action_status": "201"}
        policy = f"{max_bytes} bytes, {lifetime.total_seconds():.0f} s"
        return PresignedForm(HOST, {**fields, "policy": policy})

    def part_url(self, key: str, upload_id: str, number: int, *, size: int | None, lifetime: timedelta) -> str:
        url = _url(key, lifetime, uploadId=upload_id, partNumber=number, size=size)
        self.signed[url] = SignedUpload(PresignedRequest("PUT", url, {}), key, size, None, upload_id, number)
        return url

    def unsized_put_url(self, key: str, *, lifetime: timedelta) -> str:
        return _url(key, lifetime)

    def create_multipart_upload_url(self, key: str, *, lifetime: timedelta) -> str:
        return f"{_url(key, lifetime)}&uploads"

    def list_parts_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return _url(key, lifetime, uploadId=upload_id)

    def complete_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return _url(key, lifetime, uploadId=upload_id)

    def abort_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        return _url(key, lifetime, uploadId=upload_id)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        """PUT an object or a part, as a client."""
        signed = self.signed.get(url)
        if signed is None or method != signed.request.method or not _is_signed(signed, headers, body):
            return FakeResponse(403)
        if signed.upload_id:
            if self._open_upload(signed.key, signed.upload_id) is None:
                return FakeResponse(404)
            return FakeResponse(200, self.put_part(signed.upload_id, signed.number, body))
        if signed.key in self.objects:
            return FakeResponse(412)
        if signed.checksum and signed.checksum.value != _digest(signed.checksum.algorithm, body):
            return FakeResponse(400)
        self.store(signed.key, body, signed.request.headers["Content-Type"], signed.checksum)
        return FakeResponse(200, part_etag(body))

    def send_form(self, fields: Mapping[str, str], body: bytes) -> FakeResponse:
        """POST a form, as a client."""
        if len(body) > int(fields["policy"].split()[0]):
            return FakeResponse(400)
        self.store(fields["key"], body, fields["Content-Type"])
        return FakeResponse(201, part_etag(body))


def _url(key: str, lifetime: timedelta, **query: object) -> str:
    parameters = "".join(f"&{name}={value}" for name, value in query.items() if value is not None)
    return f"{HOST}/{quote(key)}?expires={lifetime.total_seconds():.0f}{parameters}"


def _is_signed(signed: SignedUpload, headers: Mapping[str, str], body: bytes) -> bool:
    sent = {name.lower(): value for name, value in headers.items()}
    expected = {name.lower(): value for name, value in signed.request.headers.items()}
    unsigned = [name for name in sent if name.startswith("x-amz-") and name not in expected]
    return signed.size in {None, len(body)} and expected.items() <= sent.items() and not unsigned


def _digest(algorithm: str, body: bytes) -> str:
    return sha256(body).hexdigest() if algorithm == "sha256" else crc64nvme(body)
