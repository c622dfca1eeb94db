"""The rows of files in memory, which the fakes of the database's ports share as the real ones share the
database."""

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.statuses import Status

DONE = frozenset({Status.PROCESSED, Status.FAILED})


@dataclass
class Row:
    """A file, and the columns that aren't part of it."""

    file: File
    status_since: datetime
    expires_at: datetime | None = None
    lease_until: datetime | None = None
    pending_etag: str | None = None
    sequencer: str | None = None

    @property
    def is_pending(self) -> bool:
        return self.file.status in {Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED}

    @property
    def is_done(self) -> bool:
        return self.file.status in DONE

    @property
    def is_missing_its_object(self) -> bool:
        return self.file.failure is not None and self.file.failure.code == OBJECT_MISSING.code

    @property
    def lease_expired(self) -> bool:
        return self.lease_until is not None and self.lease_until < now()

    def update(self, **changes: Any) -> None:
        """Change fields of the file that don't make a new version."""
        self.file = replace(self.file, **changes)

    def move(self, status: Status, **changes: Any) -> None:
        """Move the file to a status, end its lease, and make a new version."""
        self.file = replace(self.file, status=status, version=self.file.version + 1, **changes)
        self.status_since, self.lease_until = now(), None

    def requeue(self) -> None:
        """Begin a new round."""
        self.move(
            Status.UPLOADED,
            queued_at=now(),
            attempts_offset=self.file.attempts,
            worker_crashes=0,
            processed_at=None,
            failure=None,
        )
        self.pending_etag = None


@dataclass
class Tombstone:
    """What is left of a deleted file."""

    file_id: UUID
    owner: str
    deleted_at: datetime
    cleared: bool = False


@dataclass
class Table:
    """All rows, and all else that the database holds."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    tombstones: dict[str, Tombstone] = field(default_factory=dict)
    """By object key."""

    def insert(self, file: NewFile, status: Status, *, expires_at: datetime | None = None, **values: Any) -> None:
        """Add the file with these values, and the database's defaults for its other fields."""
        new = {name.name: getattr(file, name.name) for name in fields(NewFile)}
        unset = {name.name: None for name in fields(File)}
        defaults = {"attempts": 0, "attempts_offset": 0, "worker_crashes": 0, "version": 1, "created_at": now()}
        row: Any = unset | defaults | new | {"status": status} | values
        self.rows[file.id] = Row(File(**row), status_since=now(), expires_at=expires_at)

    def owned(self, owner: str, file_id: UUID) -> Row | None:
        row = self.rows.get(file_id)
        return row if row and row.file.owner == owner else None

    def by_key(self, object_key: str) -> Row | None:
        return next((row for row in self.rows.values() if row.file.object_key == object_key), None)

    def sorted_by_id(self) -> list[Row]:
        return [row for _, row in sorted(self.rows.items())]


def now() -> datetime:
    return datetime.now(UTC)
