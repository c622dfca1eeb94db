"""Stand-ins for the adapters, for unit tests. tests/contracts holds them to what the real ones do."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from chalicelib.core.errors import STORAGE_UNAVAILABLE, ObjectMissingError, ServiceError
from chalicelib.core.files import Checksum, Description, Failure, File, NewFile
from chalicelib.core.ports import Known, StoredObject
from chalicelib.core.queries import ListQuery
from chalicelib.core.statuses import Status


@dataclass
class Row:
    file: File
    since: datetime
    expires_at: datetime | None = None
    lease_until: datetime | None = None


@dataclass
class FakeRows:
    """`Files`, `Work` and `Tombstones` in memory."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    deleted: dict[str, tuple[UUID, str, datetime, bool]] = field(default_factory=dict)
    """By object key: id, owner, when, and whether the tombstone is cleared."""

    # Files

    def add(self, file: NewFile, expires_in: timedelta) -> None:
        self._insert(file, Status.AWAITING_UPLOAD, uploaded_at=None, expires_at=_now() + expires_in)

    def mark_uploaded(self, owner: str, file_id: UUID) -> File | None:
        row = self._owned(owner, file_id)
        if row and row.file.status in {Status.AWAITING_UPLOAD, Status.EXPIRED}:
            self._move(row, Status.UPLOADED, uploaded_at=_now())
        return row.file if row else None

    def get(self, owner: str, file_id: UUID) -> File | None:
        row = self._owned(owner, file_id)
        return row.file if row else None

    def list(self, owner: str, query: ListQuery) -> list[File]:
        key = query.order.key

        def place(file: File) -> tuple[Any, ...]:
            return (file.id,) if key == "id" else (getattr(file, key), file.id)

        files = sorted(
            (row.file for row in self.rows.values() if row.file.owner == owner and _matches(row.file, query)),
            key=place,
            reverse=query.order.descending,
        )
        if query.after is not None:
            last = (query.after.id,) if key == "id" else (query.after.key, query.after.id)
            files = [f for f in files if (place(f) < last if query.order.descending else place(f) > last)]
        return files[: query.limit]

    def rename(self, owner: str, file_id: UUID, name: str) -> File | None:
        row = self._owned(owner, file_id)
        if row:
            row.file = replace(row.file, name=name, version=row.file.version + 1)
        return row.file if row else None

    def bury(self, owner: str, file_id: UUID) -> str | None:
        row = self._owned(owner, file_id)
        if row:
            del self.rows[file_id]
            self.deleted[row.file.object_key] = (file_id, owner, _now(), False)
        for key, (buried_id, buried_owner, _, cleared) in self.deleted.items():
            if (buried_id, buried_owner, cleared) == (file_id, owner, False):
                return key
        return None

    # Tombstones

    def uncleared(self, waiting: timedelta, limit: int) -> Sequence[str]:
        before = _now() - waiting
        return [key for key, (*_, when, cleared) in self.deleted.items() if not cleared and when < before][:limit]

    def clear(self, object_key: str) -> None:
        if object_key in self.deleted:
            self.deleted[object_key] = (*self.deleted[object_key][:3], True)

    # Work

    def claim(self, object_key: str, lease: timedelta) -> File | None:
        row = self._by_key(object_key)
        waits = row and row.file.status in {Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED}
        if row is None or not (waits or _lease_ran_out(row)):
            return None
        self._move(
            row,
            Status.PROCESSING,
            attempts=row.file.attempts + 1,
            uploaded_at=row.file.uploaded_at or _now(),
        )
        row.lease_until = _now() + lease
        return row.file

    def finish(self, claimed: File, outcome: Description | Failure) -> bool:
        if isinstance(outcome, Failure):
            return self._end(claimed, Status.FAILED, processed_at=_now(), failure=outcome)
        return self._end(
            claimed,
            Status.PROCESSED,
            processed_at=_now(),
            detected_type=outcome.detected_type,
            checksum=outcome.checksum,
            result=outcome.result,
            failure=None,
        )

    def release(self, claimed: File) -> None:
        self._end(claimed, Status.UPLOADED)

    def known(self, object_key: str) -> Known:
        if self._by_key(object_key):
            return Known.FILE
        file_id, *_, cleared = self.deleted.get(object_key, (None, None, None, True))
        own_key = object_key.startswith(f"uploads/{file_id}/")
        return Known.DELETED if own_key or not cleared else Known.NOTHING

    def adopt(self, file: NewFile) -> None:
        if self.known(file.object_key) is Known.NOTHING:
            self._insert(file, Status.UPLOADED, uploaded_at=_now())

    def overdue(self, waiting: timedelta, limit: int) -> Sequence[File]:
        now = _now()

        def is_overdue(row: Row) -> bool:
            status = row.file.status
            return (
                (status is Status.UPLOADED and row.since < now - waiting * 2**row.file.attempts)
                or (status is Status.AWAITING_UPLOAD and row.expires_at is not None and row.expires_at < now)
                or _lease_ran_out(row)
            )

        rows = sorted(filter(is_overdue, self.rows.values()), key=lambda row: row.since)
        return [row.file for row in rows][:limit]

    def expire(self, file: File) -> None:
        row = self.rows.get(file.id)
        if row and row.file.status is Status.AWAITING_UPLOAD:
            self._move(row, Status.EXPIRED)

    def give_up(self, file: File, failure: Failure) -> None:
        row = self.rows.get(file.id)
        if row and row.file.version == file.version:
            self._move(row, Status.FAILED, processed_at=_now(), failure=failure)

    def _insert(self, file: NewFile, status: Status, uploaded_at: datetime | None, **row: Any) -> None:
        self.rows[file.id] = Row(
            File(
                **{name: getattr(file, name) for name in NewFile.__dataclass_fields__},
                status=status,
                attempts=0,
                version=1,
                created_at=_now(),
                uploaded_at=uploaded_at,
                processed_at=None,
                detected_type=None,
                result=None,
                failure=None,
            ),
            since=_now(),
            **row,
        )

    def _owned(self, owner: str, file_id: UUID) -> Row | None:
        row = self.rows.get(file_id)
        return row if row and row.file.owner == owner else None

    def _by_key(self, object_key: str) -> Row | None:
        return next((row for row in self.rows.values() if row.file.object_key == object_key), None)

    def _end(self, claimed: File, status: Status, **changes: Any) -> bool:
        row = self._owned(claimed.owner, claimed.id)
        if row is None or (row.file.status, row.file.attempts) != (Status.PROCESSING, claimed.attempts):
            return False
        self._move(row, status, **changes)
        return True

    def _move(self, row: Row, status: Status, **changes: Any) -> None:
        row.file = replace(row.file, status=status, version=row.file.version + 1, **changes)
        row.since, row.lease_until = _now(), None


@dataclass
class FakeStorage:
    """`Storage` in memory."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    down: bool = False
    requests: int = 0

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum) -> None:
        self._request()
        if sha256(body).hexdigest() != checksum.value:
            raise ServiceError(STORAGE_UNAVAILABLE)
        self.objects[key] = (body, media_type)

    def head(self, key: str) -> StoredObject | None:
        self._request()
        if key not in self.objects:
            return None
        body, media_type = self.objects[key]
        return StoredObject(len(body), media_type, None)

    def read(self, key: str, start: int, length: int) -> bytes:
        self._request()
        if key not in self.objects:
            raise ObjectMissingError
        return self.objects[key][0][start : start + length]

    def delete(self, key: str) -> None:
        self._request()
        self.objects.pop(key, None)

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        return f"https://storage.test/{key}?{media_type}&{disposition}&{lifetime.total_seconds():.0f}"

    def _request(self) -> None:
        self.requests += 1
        if self.down:
            raise ServiceError(STORAGE_UNAVAILABLE)


def _now() -> datetime:
    return datetime.now(UTC)


def _lease_ran_out(row: Row) -> bool:
    return row.lease_until is not None and row.lease_until < _now()


def _matches(file: File, query: ListQuery) -> bool:
    detected = file.detected_type or ""
    return (
        (query.status is None or file.status is query.status)
        and (query.name_contains is None or query.name_contains.lower() in file.name.lower())
        and (
            query.type is None
            or detected == query.type
            or (query.type.endswith("/*") and detected.startswith(query.type[:-1]))
        )
    )
