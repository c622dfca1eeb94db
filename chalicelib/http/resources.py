"""A file as JSON."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from chalicelib.core.files import Checksum, File
from chalicelib.core.health import Condition, Health
from chalicelib.core.history import Entry, Happening
from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import is_mismatch
from chalicelib.core.statuses import Status


class TypesView(msgspec.Struct):
    declared: str | None
    extension: str | None
    detected: str | None
    mismatch: bool
    """The content contradicts the declared type or the extension."""


class FailureView(msgspec.Struct):
    code: str
    message: str


class FileView(msgspec.Struct):
    """The first four fields after `id` are those of the service that this one replaces."""

    id: UUID
    file: str
    uploaded_at: str | None
    processed: bool
    name: str
    size: int
    status: Status
    processed_at: str | None
    attempts: int
    types: TypesView
    checksum: Checksum | None
    result: dict[str, Any] | None
    error: FailureView | None
    thumbnail: str | None
    owner: str
    version: int


def view(file: File, public_url: str) -> FileView:
    """Return the file as the API shows it. `public_url` is the base of this API's URLs."""
    return FileView(
        id=file.id,
        file=f"{public_url}/api/files/{file.id}/content",
        uploaded_at=_time(file.uploaded_at),
        processed=file.status is Status.PROCESSED,
        name=file.name,
        size=file.size,
        status=file.status,
        processed_at=_time(file.processed_at),
        attempts=file.attempts,
        types=TypesView(
            declared=file.declared_type,
            extension=type_of_extension(file.name),
            detected=file.detected_type,
            mismatch=is_mismatch(file.name, file.declared_type, file.detected_type, result=file.result),
        ),
        checksum=file.checksum,
        result=file.result,
        error=FailureView(file.failure.code, file.failure.message) if file.failure else None,
        thumbnail=f"{public_url}/api/files/{file.id}/thumbnail" if file.thumbnail_key else None,
        owner=file.owner,
        version=file.version,
    )


class HappeningView(msgspec.Struct, omit_defaults=True):
    """An entry of a timeline. What doesn't apply is left out."""

    at: str
    type: Happening
    status: Status | None = None
    version: int | None = None
    attempts: int | None = None
    error: str | None = None
    """A code of docs/reference/api.md."""
    event: dict[str, Any] | None = None
    """What S3 told, or why an event became a dead letter."""


def happening_view(entry: Entry) -> HappeningView:
    """Return what happened to a file, as its timeline shows it."""
    return HappeningView(
        at=_present(entry.at),
        type=entry.kind,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
        event=entry.detail,
    )


class ChangeView(msgspec.Struct):
    """A change, among those of all the owner's files."""

    seq: int
    id: UUID
    at: str
    type: Happening
    status: Status
    version: int
    attempts: int
    error: str | None


def change_view(entry: Entry) -> ChangeView:
    """Return a change that has its number."""
    assert entry.seq is not None
    assert entry.status is not None
    assert entry.version is not None
    assert entry.attempts is not None
    return ChangeView(
        seq=entry.seq,
        id=entry.file_id,
        at=_present(entry.at),
        type=entry.kind,
        status=entry.status,
        version=entry.version,
        attempts=entry.attempts,
        error=entry.error_code,
    )


class HealthView(msgspec.Struct):
    status: str
    database: Condition
    storage: Condition
    processing: Condition
    oldest_queued_age_seconds: float | None


def health_view(health: Health) -> HealthView:
    """Return how each part is."""
    return HealthView(
        status="ok" if health.well else "unhealthy",
        database=health.database,
        storage=health.storage,
        processing=health.processing,
        oldest_queued_age_seconds=None if health.oldest_wait is None else health.oldest_wait.total_seconds(),
    )


def _time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    return None if moment is None else _present(moment)


def _present(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
