"""Resources: the JSON form of files, timelines, changes and health."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.files.model import Checksum, File
from chalicelib.core.files.statuses import Status
from chalicelib.core.health.check_health import ComponentStatus, Health
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES, trim_facts


class TypesResource(msgspec.Struct):
    declared: str | None
    extension: str | None
    detected: str | None
    mismatch: bool
    """Whether the content contradicts the declared type or the extension."""


class FileErrorResource(msgspec.Struct):
    code: str
    message: str


class FileResource(msgspec.Struct):
    """A file. Its first four fields are compatible with the service that this one replaces."""

    id: UUID
    file: str
    uploaded_at: str | None
    processed: bool
    name: str
    size: int | None
    status: Status
    processed_at: str | None
    attempts: int
    types: TypesResource
    checksum: Checksum | None
    result: dict[str, Any] | None
    error: FileErrorResource | None
    thumbnail: str | None
    owner: str
    version: int


def file_resource(file: File, base_url: str) -> FileResource:
    """Return the file's JSON form. `base_url` is the base of this API's URLs."""
    return FileResource(
        id=file.id,
        file=f"{base_url}/api/files/{file.id}/content",
        uploaded_at=_rfc3339_or_none(file.uploaded_at),
        processed=file.status is Status.PROCESSED,
        name=file.name,
        size=file.size,
        status=file.status,
        processed_at=_rfc3339_or_none(file.processed_at),
        attempts=file.attempts,
        types=TypesResource(
            declared=file.declared_type,
            extension=type_of_extension(file.name),
            detected=file.detected_type,
            mismatch=file.is_mismatched,
        ),
        checksum=file.checksum,
        result=file.result,
        error=FileErrorResource(file.failure.code, file.failure.message) if file.failure else None,
        thumbnail=f"{base_url}/api/files/{file.id}/thumbnail" if file.thumbnail_key else None,
        owner=file.owner,
        version=file.version,
    )


def encode_file(file: File, base_url: str) -> bytes:
    """Return the file's JSON. A result that was stored before results had a limit is trimmed."""
    encoded = msgspec.json.encode(file_resource(file, base_url))
    if len(encoded) <= MAX_RESULT_BYTES or file.result is None:
        return encoded
    trimmed = {name: trim_facts(facts) for name, facts in file.result.items()}
    return msgspec.json.encode(file_resource(replace(file, result=trimmed), base_url))


class TimelineEntry(msgspec.Struct, omit_defaults=True):
    """An entry of a file's timeline. Fields that don't apply are left out."""

    at: str
    type: HistoryEventType
    status: Status | None = None
    version: int | None = None
    attempts: int | None = None
    error: str | None = None
    """An error code."""
    event: dict[str, Any] | None = None
    """What S3's event says, or why an event became a dead letter."""


def timeline_entry(entry: HistoryEntry) -> TimelineEntry:
    """Return the JSON form of an entry of a file's timeline."""
    return TimelineEntry(
        at=_rfc3339(entry.at),
        type=entry.type,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
        event=entry.detail,
    )


class ChangeResource(msgspec.Struct):
    """An entry of the change feed, which has all of the owner's files."""

    seq: int
    id: UUID
    at: str
    type: HistoryEventType
    status: Status
    version: int
    attempts: int
    error: str | None
    mismatch: bool | None
    """As in the file's `types`; null where the history doesn't have it."""


def change_resource(entry: HistoryEntry) -> ChangeResource:
    """Return the JSON form of an entry of the change feed, which has its `seq` by then."""
    assert entry.seq is not None
    assert entry.status is not None
    assert entry.version is not None
    assert entry.attempts is not None
    return ChangeResource(
        seq=entry.seq,
        id=entry.file_id,
        at=_rfc3339(entry.at),
        type=entry.type,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
        mismatch=entry.mismatch,
    )


class HealthResource(msgspec.Struct):
    status: str
    database: ComponentStatus
    storage: ComponentStatus
    processing: ComponentStatus
    oldest_queued_age_seconds: float | None


def health_resource(health: Health) -> HealthResource:
    """Return the JSON form of the health of each part."""
    return HealthResource(
        status="ok" if health.healthy else "unhealthy",
        database=health.database,
        storage=health.storage,
        processing=health.processing,
        oldest_queued_age_seconds=None if health.oldest_wait is None else health.oldest_wait.total_seconds(),
    )


def _rfc3339_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else _rfc3339(moment)


def _rfc3339(moment: datetime) -> str:
    """Return a time in RFC 3339, in UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
