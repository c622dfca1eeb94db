"""What the service responds with. Fields that a newer service adds are ignored."""

from datetime import datetime
from typing import Any

from msgspec import Struct, field

TERMINAL_STATUSES = frozenset({"processed", "failed", "rejected", "expired"})
"""The statuses in which a file stays until someone asks for something else."""


class Types(Struct, frozen=True):
    """Media types of a file."""

    declared: str | None
    """What the client declared."""
    extension: str | None
    """What the name's extension implies."""
    detected: str | None
    """What the content is; None before processing."""
    mismatch: bool
    """Whether the content contradicts the declared type or the extension."""


class Checksum(Struct, frozen=True):
    """A digest of all bytes of a file."""

    algorithm: str
    """`sha256` or `crc64nvme`."""
    value: str
    """Hexadecimal, in lower case."""


class FileError(Struct, frozen=True):
    """Why processing a file failed."""

    code: str
    message: str


class Scan(Struct, frozen=True):
    """A malware scan of a file's bytes."""

    verdict: str
    """`clean`, `infected`, `unsupported` or `failed`."""
    scanned_at: datetime


class File(Struct, frozen=True, kw_only=True):
    """A file."""

    id: str
    file: str
    """URL of the content."""
    name: str
    size: int | None
    """Bytes; None until it is known."""
    status: str
    """See docs/reference/statuses.md."""
    processed: bool
    """Whether `status` is `processed`."""
    uploaded_at: datetime | None
    processed_at: datetime | None
    attempts: int
    """How often processing was started."""
    types: Types
    checksum: Checksum | None
    result: dict[str, Any] | None
    """The facts from each processor, under its name; None before processing."""
    error: FileError | None
    thumbnail: str | None
    """URL of the thumbnail, if there is one."""
    owner: str
    version: int
    """Grows with every change of the file."""
    metadata: dict[str, str] = field(default_factory=dict)
    scan: Scan | None = None
    """None where there is none, or before it has ended."""

    @property
    def is_terminal(self) -> bool:
        """Whether the file stays in its status until someone asks for something else."""
        return self.status in TERMINAL_STATUSES


class Change(Struct, frozen=True, kw_only=True):
    """A change of a file, from the change feed."""

    seq: int
    """Grows from change to change, and may skip values."""
    id: str
    """Of the file."""
    at: datetime
    type: str
    """What happened."""
    status: str
    """Of the file, after the change."""
    version: int
    attempts: int
    error: str | None
    """The code of a failed file."""
    mismatch: bool | None
    metadata: dict[str, str] = field(default_factory=dict)
    verdict: str | None = None
    """Of the latest malware scan of the file's bytes, after the change."""


class PresignedRequest(Struct, frozen=True):
    """A request to S3 that needs no credentials."""

    method: str
    url: str
    headers: dict[str, str]
    """To be sent exactly like this."""


class PartUrl(Struct, frozen=True):
    """Where to put one part of a multipart upload."""

    number: int
    """The first one is 1."""
    url: str
    size: int
    """Bytes: exactly so many."""


class PartUrls(Struct, frozen=True):
    """Where to put some parts."""

    parts: list[PartUrl]
    url_expires_at: datetime


class UploadedPart(Struct, frozen=True):
    """A part that S3 has."""

    number: int
    size: int
    etag: str


class Upload(Struct, frozen=True, kw_only=True):
    """An upload: one request to S3 (`upload`), or several parts."""

    id: str
    """Also of the file."""
    status: str
    """Of the file."""
    name: str
    size: int | None
    expires_at: datetime
    """When the service gives up the upload unless it is complete."""
    upload: PresignedRequest | None = None
    part_size: int | None = None
    """Bytes of each part but the last one; None if it isn't a multipart upload."""
    part_count: int | None = None
    parts: list[PartUrl] | None = None
    """The first parts, when the upload was created."""
    uploaded_parts: list[UploadedPart] | None = None
    """The parts that S3 has, when the upload is read."""
    url_expires_at: datetime | None = None
    file: str
    """URL of the content."""
    metadata: dict[str, str] = field(default_factory=dict)
