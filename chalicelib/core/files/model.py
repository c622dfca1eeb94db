"""A file's row and what it is made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct, field

from chalicelib.core.files.statuses import Status
from chalicelib.core.media_types.type_mismatch import is_mismatch
from chalicelib.core.scanning.verdicts import Verdict


class Checksum(Struct, frozen=True):
    """A digest of all the file's bytes. `algorithm` as S3 names it in lower case (`sha256`, `crc64nvme`)."""

    algorithm: str
    value: str
    """Lower-case hexadecimal."""


class Analysis(Struct, frozen=True, kw_only=True):
    """What processing found out about a file's content."""

    detected_type: str
    result: dict[str, Any]
    """One entry for the processor that ran: its `version` and, unless the file failed in it, facts."""
    thumbnail: bytes | None = None
    """WebP. Stored under `derived/{id}/`."""
    mismatch: bool = False
    """Whether the detected type contradicts the declared one or the name's extension."""


class Scan(Struct, frozen=True, kw_only=True):
    """A malware scan of one object."""

    verdict: Verdict
    scanned_at: datetime
    etag: str
    """Of the object. A verdict says nothing about another one under the same key."""


class Failure(Struct, frozen=True):
    """Why processing ended in `failed`."""

    code: str
    message: str
    partial_analysis: Analysis | None = None
    """What was found out before the failure."""


def analysis_of(outcome: Analysis | Failure) -> Analysis | None:
    """Return the analysis of an outcome of processing; None for a failure before there was any."""
    return outcome.partial_analysis if isinstance(outcome, Failure) else outcome


class NewFile(Struct, frozen=True, kw_only=True):
    """A file that has no row yet."""

    id: UUID
    owner: str
    name: str
    object_key: str
    size: int | None
    """Bytes; None until they are known."""
    declared_type: str | None
    checksum: Checksum | None
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Texts of the client's own, by name: chalicelib/core/files/metadata.py."""
    etag: str | None = None
    """Of the object that size and checksum are about, if known."""
    multipart_upload_id: str | None = None
    """S3's, if the bytes come in parts."""
    part_size: int | None = None
    """Bytes of each part but the last; None if they don't come in parts, or the client chooses it."""


class File(NewFile, frozen=True, kw_only=True):
    """A file's row."""

    status: Status
    attempts: int
    """How often processing was begun; the fencing number that a worker's result must present."""
    attempts_offset: int
    """`attempts` when the file was last queued, by its upload or to be processed again."""
    version: int
    """Grows with each change that a client can see."""
    created_at: datetime
    expires_at: datetime | None
    """When the bytes must have arrived."""
    uploaded_at: datetime | None
    queued_at: datetime | None
    """When the file was last queued for processing."""
    processed_at: datetime | None
    detected_type: str | None
    result: dict[str, Any] | None
    """Of the latest analysis."""
    mismatch: bool | None
    """Of the latest analysis and the present name; None where the row doesn't have it yet."""
    failure: Failure | None
    thumbnail_key: str | None
    request_digest: str | None
    """Of the request that created the file, if it had an idempotency key."""
    worker_crashes: int
    """How many of its workers died since the file was last queued."""
    scan: Scan | None
    """The latest one, which may be of an object that was replaced: see `current_scan`."""

    @property
    def listed_at(self) -> datetime:
        """The time that lists are sorted by: when the bytes arrived, until then when the row was created."""
        return self.uploaded_at or self.created_at

    @property
    def is_mismatched(self) -> bool:
        """Whether the detected type contradicts the declared one or the extension; computed if it isn't stored."""
        if self.mismatch is not None:
            return self.mismatch
        return is_mismatch(self.name, self.declared_type, self.detected_type, result=self.result)

    @property
    def current_scan(self) -> Scan | None:
        """The scan, if it is of the object that the row is about. It may be known before the object's ETag is. The
        file was rejected because of an infected object, whichever it was."""
        if self.scan is None or self.scan.verdict is Verdict.INFECTED or self.etag in {None, self.scan.etag}:
            return self.scan
        return None

    @property
    def attempts_this_round(self) -> int:
        """How often processing was begun since the file was last queued."""
        return self.attempts - self.attempts_offset


class AnalyzedObject(Struct, frozen=True):
    """The object that a worker analyzed, which may differ from the one that the row is about."""

    size: int
    """Bytes."""
    etag: str | None
    checksum: Checksum | None
    verdict: Verdict | None = None
    """None if the worker didn't scan it."""
