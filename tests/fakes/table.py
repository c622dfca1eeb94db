"""The rows of files in memory, which the fakes of the database's ports share as the real ones share the
database."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import fields, replace

from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.model import File, NewFile, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.check_quotas import find_exceeded, refuse
from chalicelib.core.limits.model import Quota, Quotas, Usage
from chalicelib.core.scanning.verdicts import Verdict

DONE = frozenset({Status.PROCESSED, Status.FAILED})
NOT_COUNTED = frozenset({Status.EXPIRED, Status.REJECTED})


@dataclass
class Row:
    """A file, and the columns that aren't part of it."""

    file: File
    history: list[HistoryEntry]
    """The table's."""
    added_today: Counter[tuple[str, Quota]]
    """The table's."""
    status_since: datetime
    check_at: datetime | None = None
    scan_check_at: datetime | None = None
    idempotency_key: str | None = None
    lease_until: datetime | None = None
    pending_etag: str | None = None
    sequencer: str | None = None

    @property
    def is_awaiting_bytes(self) -> bool:
        return self.file.status in {Status.AWAITING_UPLOAD, Status.EXPIRED}

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
        before = self.file
        self.file = replace(before, **changes)
        self._count_growth(before)

    def add_version(self, **changes: Any) -> None:
        """Change fields of the file, and record the new version in the history, as the table's trigger does."""
        before = self.file
        self.file = replace(before, version=before.version + 1, **changes)
        if self.file.scan and self.file.scan != before.scan and self.file.status is not before.status:
            self.history.append(unversioned_entry(HistoryEventType.SCANNED, self.file, self.file.scan.verdict))
        self._count_growth(before)
        self.history.append(history_entry(_change_type(before, self.file), self.file))

    def move(self, status: Status, **changes: Any) -> None:
        """Move the file to a status, end its lease, and make a new version."""
        self.add_version(status=status, **changes)
        self.status_since, self.lease_until = now(), None

    def requeue(self, **changes: Any) -> None:
        """Begin a new round. It makes one version, with the other changes."""
        reset: dict[str, Any] = {
            "queued_at": now(),
            "attempts_offset": self.file.attempts,
            "worker_crashes": 0,
            "processed_at": None,
            "failure": None,
        }
        self.move(Status.UPLOADED, **changes | reset)
        self.pending_etag = None

    def _count_growth(self, before: File) -> None:
        growth = (self.file.size or 0) - (before.size or 0)
        self.added_today[before.owner, Quota.BYTES_TODAY] += max(growth, 0)


@dataclass
class Tombstone:
    """What is left of a deleted file."""

    file_id: UUID
    owner: str
    deleted_at: datetime
    multipart_upload_id: str | None = None
    cleared: bool = False


@dataclass
class Table:
    """All rows, and all else that the database holds."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    tombstones: dict[str, Tombstone] = field(default_factory=dict)
    """By object key."""
    history: list[HistoryEntry] = field(default_factory=list)
    last_seq: dict[str, int] = field(default_factory=dict)
    """By owner."""
    owners: dict[UUID, str] = field(default_factory=dict)
    """Of all files that there have been."""
    added_today: Counter[tuple[str, Quota]] = field(default_factory=Counter)
    """By owner. A fake has only one day."""

    def insert(self, file: NewFile, status: Status, **values: Any) -> None:
        """Add the file with these values, and the database's defaults for its other fields."""
        new = {name.name: getattr(file, name.name) for name in fields(NewFile)}
        unset = {name.name: None for name in fields(File)}
        defaults = {"attempts": 0, "attempts_offset": 0, "worker_crashes": 0, "version": 1, "created_at": now()}
        row: Any = unset | defaults | new | {"status": status} | values
        self.rows[file.id] = Row(
            File(**row), self.history, self.added_today, status_since=now(), check_at=values.get("expires_at")
        )
        if status not in NOT_COUNTED:
            self.added_today[file.owner, Quota.FILES_TODAY] += 1
            self.added_today[file.owner, Quota.BYTES_TODAY] += file.size or 0
        self.owners[file.id] = file.owner
        is_awaited = status is Status.AWAITING_UPLOAD
        event_type = HistoryEventType.ANNOUNCED if is_awaited else HistoryEventType.STORED
        self.history.append(history_entry(event_type, self.rows[file.id].file))

    def delete(self, row: Row) -> None:
        """Remove the row, and leave a tombstone."""
        file = row.file
        del self.rows[file.id]
        self.tombstones[file.object_key] = Tombstone(
            file.id, file.owner, now(), file.multipart_upload_id if row.is_awaiting_bytes else None
        )
        deleted = replace(file, version=file.version + 1, failure=None)
        self.history.append(history_entry(HistoryEventType.DELETED, deleted))

    def reject(self, row: Row, **changes: Any) -> None:
        """Move the row to `rejected`, and leave a tombstone for its object."""
        row.pending_etag = None
        row.move(Status.REJECTED, **changes, thumbnail_key=None)
        self.tombstones[row.file.object_key] = Tombstone(row.file.id, row.file.owner, now())

    def record_event(self, event_type: HistoryEventType, file: File, **detail: Any) -> None:
        """Record what changes nothing that a client can see."""
        self.history.append(replace(unversioned_entry(event_type, file), detail=detail))

    def usage(self, owner: str) -> Usage:
        """Return what the owner has used."""
        files = [row.file for row in self.rows.values() if row.file.owner == owner]
        counted = [file for file in files if file.status not in NOT_COUNTED]
        return Usage(
            files=len(counted),
            bytes=sum(file.size or 0 for file in counted),
            files_today=self.added_today[owner, Quota.FILES_TODAY],
            bytes_today=self.added_today[owner, Quota.BYTES_TODAY],
            measured_at=now(),
            day_ends_at=datetime.combine(now().date() + timedelta(days=1), time(0), UTC),
        )

    def require_quota(self, file: NewFile, quotas: Quotas) -> None:
        """Raise ServiceError if the file would exceed its owner's quotas."""
        usage = self.usage(file.owner)
        if exceeded := find_exceeded(usage, quotas.needs_of_new_file(file.size)):
            refuse(usage, exceeded)

    def owned(self, owners: Owners, file_id: UUID) -> Row | None:
        row = self.rows.get(file_id)
        return row if row and belongs_to(owners, row.file.owner) else None

    def by_key(self, object_key: str) -> Row | None:
        return next((row for row in self.rows.values() if row.file.object_key == object_key), None)

    def sorted_by_id(self) -> list[Row]:
        return [row for _, row in sorted(self.rows.items())]


def belongs_to(owners: Owners, owner: str) -> bool:
    return isinstance(owners, AllOwners) or owner == owners


def now() -> datetime:
    return datetime.now(UTC)


def scan(verdict: Verdict, etag: str) -> Scan:
    """Return a scan that ends now."""
    return Scan(verdict=verdict, scanned_at=now(), etag=etag)


def unversioned_entry(event_type: HistoryEventType, file: File, verdict: Verdict | None = None) -> HistoryEntry:
    """Return an entry about what makes no version of its own."""
    return HistoryEntry(
        file_id=file.id,
        at=now(),
        type=event_type,
        status=None,
        version=None,
        attempts=None,
        error_code=None,
        mismatch=None,
        metadata={},
        verdict=verdict,
        detail=None,
        seq=None,
    )


def history_entry(event_type: HistoryEventType, file: File) -> HistoryEntry:
    """Return an entry with the file's present values."""
    return HistoryEntry(
        file_id=file.id,
        at=now(),
        type=event_type,
        status=file.status,
        version=file.version,
        attempts=file.attempts,
        error_code=file.failure.code if file.failure else None,
        mismatch=file.mismatch,
        metadata=file.metadata,
        verdict=None
        if event_type is HistoryEventType.DELETED or file.current_scan is None
        else file.current_scan.verdict,
        detail=None,
        seq=None,
    )


def _change_type(before: File, after: File) -> HistoryEventType:
    """Return the type of a new version's entry, as the trigger of the migrations decides it."""
    if after.attempts != before.attempts:
        return HistoryEventType.CLAIMED
    if after.status is before.status and after.scan != before.scan:
        return HistoryEventType.SCANNED
    if after.status is before.status:
        is_renamed = after.name != before.name or after.metadata == before.metadata
        return HistoryEventType.RENAMED if is_renamed else HistoryEventType.METADATA_CHANGED
    if after.status is Status.EXPIRED:
        return HistoryEventType.EXPIRED
    if after.status is not Status.UPLOADED:
        return HistoryEventType.FINISHED
    if after.attempts_offset != before.attempts_offset:
        return HistoryEventType.REOPENED
    return HistoryEventType.RETRIED if before.status is Status.PROCESSING else HistoryEventType.STORED
