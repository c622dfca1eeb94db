"""A file as JSON."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from chalicelib.core import media_types
from chalicelib.core.files import Checksum, Failure, File
from chalicelib.core.statuses import Status


class TypesView(msgspec.Struct):
    declared: str | None
    extension: str | None
    detected: str | None
    mismatch: bool
    """The content contradicts the declared type or the extension."""


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
    error: Failure | None
    owner: str
    version: int


def view(file: File, public_url: str) -> FileView:
    """Return the file as the API shows it. `public_url` is the base of this API's URLs."""
    extension = media_types.of_extension(file.name)
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
            extension=extension,
            detected=file.detected_type,
            mismatch=any(
                media_types.contradict(claimed, file.detected_type) for claimed in (file.declared_type, extension)
            ),
        ),
        checksum=file.checksum,
        result=file.result,
        error=file.failure,
        owner=file.owner,
        version=file.version,
    )


def _time(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
