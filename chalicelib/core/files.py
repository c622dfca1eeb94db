"""What the service knows of a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chalicelib.core.statuses import Status


@dataclass(frozen=True, slots=True)
class Checksum:
    """A digest of all the file's bytes. `algorithm` as S3 names it in lower case (`sha256`, `crc64nvme`)."""

    algorithm: str
    value: str
    """Lower-case hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What processing found out."""

    detected_type: str
    result: dict[str, Any]
    """One entry for each processor that had the file: its `version` and, unless the file failed in it, facts."""
    thumbnail: bytes | None = None
    """WebP. Belongs under `derived/{id}/`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why processing ended in `failed`."""

    code: str
    message: str
    partial_analysis: Analysis | None = None
    """What could be told of the file all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that is about to get its row."""

    id: UUID
    owner: str
    name: str
    object_key: str
    size: int
    """Bytes."""
    declared_type: str | None
    checksum: Checksum | None
    etag: str | None = None
    """Of the object that size and checksum are about, where that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File(NewFile):
    """A file's row."""

    status: Status
    attempts: int
    """How often processing was begun; the fence that a worker's result must pass."""
    attempts_before: int
    """How many of them there were before the file was last queued: by its upload, or to be processed again."""
    version: int
    """Grows with each change that a reader can see."""
    created_at: datetime
    uploaded_at: datetime | None
    queued_at: datetime | None
    """Since when the file waits to be processed, or last did."""
    processed_at: datetime | None
    detected_type: str | None
    result: dict[str, Any] | None
    """As in the latest description."""
    failure: Failure | None
    thumbnail_key: str | None
    deaths: int
    """How many workers died at it since it was last queued."""

    @property
    def tries(self) -> int:
        """How often processing was begun since the file was last queued."""
        return self.attempts - self.attempts_before


@dataclass(frozen=True, slots=True)
class Content:
    """The object that a worker looked at, whatever the row says of it."""

    size: int
    """Bytes."""
    etag: str | None
    checksum: Checksum | None
