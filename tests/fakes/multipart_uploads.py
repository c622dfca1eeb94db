"""`MultipartUploads` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import md5
from itertools import pairwise

from chalicelib.core.errors import MultipartUploadMissingError, ObjectExistsError, PartsRejectedError
from chalicelib.core.files.model import Checksum
from chalicelib.core.storage import PartRef, UploadedPart
from tests.crc64nvme import crc64nvme
from tests.fakes.objects import FakeObjects


@dataclass
class FakeMultipartUpload:
    """An open one."""

    key: str
    media_type: str
    has_checksum: bool = False
    """Whether it was created for a CRC64NVME that is verified."""
    parts: dict[int, bytes] = field(default_factory=dict)


@dataclass
class FakeMultipartUploads(FakeObjects):
    """`MultipartUploads` in memory."""

    open_uploads: dict[str, FakeMultipartUpload] = field(default_factory=dict)
    """By the ids of the multipart uploads."""
    completed_uploads: dict[str, str] = field(default_factory=dict)
    """The keys of those that were completed. S3 knows them for a while."""
    min_part_size: int = 5 * 1024**2
    """Of every part but the last. A test with small parts sets it to 0."""
    created_uploads: int = 0

    def create_multipart_upload(self, key: str, media_type: str, checksum: Checksum | None = None) -> str:
        self._request()
        self.created_uploads += 1
        upload_id = f"multipart-upload-{self.created_uploads}"
        self.open_uploads[upload_id] = FakeMultipartUpload(
            key, media_type, checksum is not None and checksum.algorithm == "crc64nvme"
        )
        return upload_id

    def put_part(self, upload_id: str, number: int, body: bytes) -> str:
        """Store a part, as a client does with its URL, and return its ETag."""
        self.open_uploads[upload_id].parts[number] = body
        return part_etag(body)

    def list_parts(self, key: str, upload_id: str) -> Sequence[UploadedPart] | None:
        self._request()
        upload = self._open_upload(key, upload_id)
        if upload is None:
            return None
        return [
            UploadedPart(number=number, etag=part_etag(body), size=len(body))
            for number, body in sorted(upload.parts.items())
        ]

    def complete_multipart_upload(
        self, key: str, upload_id: str, parts: Sequence[PartRef], *, size: int | None, checksum: Checksum | None
    ) -> str:
        self._request()
        if self.completed_uploads.get(upload_id) == key and key in self.objects:
            return self.etag(key)
        upload = self._open_upload(key, upload_id)
        if upload is None:
            raise MultipartUploadMissingError
        if key in self.objects:
            raise ObjectExistsError
        bodies = self._part_bodies(upload, parts)
        body = b"".join(bodies)
        if size not in {None, len(body)}:
            raise PartsRejectedError("together they don't have the given size")
        verified = checksum if checksum and checksum.algorithm == "crc64nvme" else None
        assert verified is None or upload.has_checksum, "S3 refuses it: the upload was created without a checksum"
        if verified and verified.value != crc64nvme(body):
            raise PartsRejectedError("the checksum of their bytes is not the given one")
        self.store(key, body, upload.media_type, verified)
        digests = b"".join(bytes.fromhex(part_etag(part)) for part in bodies)
        self.composite_etags[key] = (body, f"{part_etag(digests)}-{len(bodies)}")
        del self.open_uploads[upload_id]
        self.completed_uploads[upload_id] = key
        return self.etag(key)

    def abort_multipart_upload(self, key: str, upload_id: str) -> None:
        self._request()
        if self._open_upload(key, upload_id):
            del self.open_uploads[upload_id]

    def multipart_uploads(self, key: str) -> Sequence[str]:
        self._request()
        return [upload_id for upload_id, upload in self.open_uploads.items() if upload.key == key]

    def _open_upload(self, key: str, upload_id: str) -> FakeMultipartUpload | None:
        upload = self.open_uploads.get(upload_id)
        return upload if upload and upload.key == key else None

    def _part_bodies(self, upload: FakeMultipartUpload, parts: Sequence[PartRef]) -> list[bytes]:
        if not parts:
            raise PartsRejectedError("the list of parts is empty or malformed")
        if any(second.number <= first.number for first, second in pairwise(parts)):
            raise PartsRejectedError("the parts are not in ascending order")
        bodies = [upload.parts.get(part.number) for part in parts]
        found = [body for body in bodies if body is not None]
        if len(found) < len(bodies) or any(
            part_etag(body) != part.etag for body, part in zip(found, parts, strict=True)
        ):
            raise PartsRejectedError("a part is missing, or has another ETag")
        if any(len(body) < self.min_part_size for body in found[:-1]):
            raise PartsRejectedError("a part other than the last has less than 5 MiB")
        return found


def part_etag(body: bytes) -> str:
    """Return the ETag of a part."""
    return md5(body, usedforsecurity=False).hexdigest()
