"""A stand-in for the rows, for unit tests. tests/contracts holds it to what PostgreSQL's do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import Analysis, Failure, File, NewFile, ObjectFacts
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState, MarkedBatch, ProcessorCatalog
from chalicelib.core.storage import ObjectPage
from chalicelib.core.sweep.ports import BucketDiff


@dataclass
class Row:
    file: File
    since: datetime
    expires_at: datetime | None = None
    lease_until: datetime | None = None
    pending_etag: str | None = None
    sequencer: str | None = None


@dataclass
class FakeRows:
    """All ports to the rows, in memory."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    deleted: dict[str, tuple[UUID, str, datetime, bool]] = field(default_factory=dict)
    """By object key: id, owner, when, and whether the tombstone is cleared."""
    looked_through_to: dict[str, str] = field(default_factory=dict)
    outdated: set[UUID] = field(default_factory=set)
    dead_letters: list[tuple[str, str]] = field(default_factory=list)
    """Object keys and reasons, also of objects that have no row."""

    # Files

    def add(self, file: NewFile, expires_in: timedelta) -> None:
        self._insert(file, Status.AWAITING_UPLOAD, uploaded_at=None, expires_at=_now() + expires_in)

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str) -> File | None:
        row = self._owned(owner, file_id)
        if row and row.file.status in {Status.AWAITING_UPLOAD, Status.EXPIRED}:
            self._move(row, Status.UPLOADED, uploaded_at=_now(), queued_at=_now())
        if row:
            row.file = replace(row.file, etag=row.file.etag or etag)
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

    def requeue(self, owner: str, file_id: UUID) -> File | None:
        row = self._owned(owner, file_id)
        if row is None or row.file.status not in DONE:
            return None
        self._requeue(row)
        return row.file

    def delete_leaving_tombstone(self, owner: str, file_id: UUID) -> Sequence[str]:
        row = self._owned(owner, file_id)
        if row:
            del self.rows[file_id]
            self.deleted[row.file.object_key] = (file_id, owner, _now(), False)
            return [key for key in (row.file.object_key, row.file.thumbnail_key) if key]
        for key, (buried_id, buried_owner, _, cleared) in self.deleted.items():
            if (buried_id, buried_owner, cleared) == (file_id, owner, False):
                return [key]
        return []

    # Tombstones

    def pending(self, grace_period: timedelta, limit: int) -> Sequence[str]:
        before = _now() - grace_period
        return [key for key, (*_, when, cleared) in self.deleted.items() if not cleared and when < before][:limit]

    def clear(self, object_key: str) -> None:
        if object_key in self.deleted:
            self.deleted[object_key] = (*self.deleted[object_key][:3], True)

    # Work

    def claim(self, ref: ObjectRef, lease: timedelta) -> File | None:
        row = self._by_key(ref.key)
        if row is None:
            return None
        done = row.file.status in DONE
        if not (_waits(row) or _lease_ran_out(row) or (done and _is_news(row, ref))):
            if not done and ref.etag and _order(row.sequencer, ref.sequencer) <= 0:
                row.pending_etag, row.sequencer = ref.etag, ref.sequencer or row.sequencer
            return None
        self._move(
            row,
            Status.PROCESSING,
            attempts=row.file.attempts + 1,
            attempts_offset=row.file.attempts if done else row.file.attempts_offset,
            worker_crashes=0 if done else row.file.worker_crashes + _lease_ran_out(row),
            uploaded_at=row.file.uploaded_at or _now(),
            queued_at=_now() if done else row.file.queued_at or _now(),
            processed_at=None,
            failure=None,
        )
        row.lease_until, row.pending_etag = _now() + lease, None
        row.sequencer = max(filter(None, (row.sequencer, ref.sequencer)), default=None)
        return row.file

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        object_facts: ObjectFacts | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        row = self._still_claimed(claimed)
        if row is None:
            return None
        if object_facts is not None:
            row.file = replace(
                row.file, size=object_facts.size, checksum=object_facts.checksum, etag=object_facts.etag
            )
        row.file = replace(row.file, thumbnail_key=thumbnail_key)
        if isinstance(outcome, Failure):
            self._fail(row, outcome)
        else:
            found = {"detected_type": outcome.detected_type, "result": outcome.result}
            self._move(row, Status.PROCESSED, processed_at=_now(), failure=None, **found)
        if row.pending_etag and (object_facts is None or row.pending_etag != object_facts.etag):
            row.file = replace(row.file, version=row.file.version - 1)
            self._requeue(row)
        return row.file

    def release(self, claimed: File) -> None:
        row = self._still_claimed(claimed)
        if row:
            self._move(row, Status.UPLOADED)

    def oldest_wait(self) -> timedelta | None:
        queued = [
            row.file.queued_at
            for row in self.rows.values()
            if row.file.status in {Status.UPLOADED, Status.PROCESSING} and row.file.queued_at
        ]
        return _now() - min(queued) if queued else None

    def key_state(self, object_key: str) -> KeyState:
        if self._by_key(object_key):
            return KeyState.FILE
        file_id, *_, cleared = self.deleted.get(object_key, (None, None, None, True))
        own_key = object_key.startswith(f"uploads/{file_id}/")
        return KeyState.DELETED if own_key or not cleared else KeyState.UNKNOWN

    def adopt(self, file: NewFile) -> None:
        if self.key_state(file.object_key) is KeyState.UNKNOWN:
            self._insert(file, Status.UPLOADED, uploaded_at=_now(), queued_at=_now())

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        row = self._by_key(object_key)
        self.dead_letters.append((object_key, reason))
        if row and _waits(row):
            if row.file.status is not Status.UPLOADED:
                self._move(row, Status.UPLOADED, uploaded_at=row.file.uploaded_at or _now(), queued_at=_now())
            row.since = datetime.fromtimestamp(0, UTC)
        return row is not None

    def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
        now = _now()

        def is_overdue(row: Row) -> bool:
            status, file = row.file.status, row.file
            reopened = file.attempts_offset > 0 and file.attempts_this_round == 0
            backoff = timedelta(0) if reopened else grace_period * 2**file.attempts_this_round
            return (
                (status is Status.UPLOADED and row.since < now - backoff)
                or (status is Status.AWAITING_UPLOAD and row.expires_at is not None and row.expires_at < now)
                or _lease_ran_out(row)
            )

        rows = sorted(filter(is_overdue, self.rows.values()), key=lambda row: row.since)
        return [row.file for row in rows][:limit]

    def expire(self, file: File) -> File | None:
        row = self.rows.get(file.id)
        if row is None or row.file.status is not Status.AWAITING_UPLOAD:
            return None
        self._move(row, Status.EXPIRED)
        return row.file

    def fail_exhausted(self, file: File, failure: Failure) -> File | None:
        row = self.rows.get(file.id)
        if row is None or row.file.version != file.version:
            return None
        row.file = replace(row.file, thumbnail_key=None)
        self._fail(row, failure)
        return row.file

    # Outdated

    def mark(self, catalog: ProcessorCatalog, after: UUID | None, limit: int) -> MarkedBatch:
        files = [row.file for file_id, row in sorted(self.rows.items()) if after is None or file_id > after][
            :limit
        ]
        older = {file.id for file in files if file.status in DONE and _is_older(file, catalog)} - self.outdated
        self.outdated |= older
        return MarkedBatch(len(files), len(older), files[-1].id if files else None)

    def next_batch(self, limit: int) -> Sequence[File]:
        files = [row.file for file_id, row in sorted(self.rows.items()) if file_id in self.outdated]
        return [file for file in files if file.status in DONE][:limit]

    def unmark(self, file_id: UUID) -> None:
        self.outdated.discard(file_id)

    # Inventory

    def cursor(self, prefix: str) -> str:
        return self.looked_through_to.get(prefix, "")

    def save_cursor(self, prefix: str, key: str) -> None:
        self.looked_through_to[prefix] = key

    def orphaned_thumbnails(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        def is_wanted(key: str, file_id: UUID) -> bool:
            row = self.rows.get(file_id)
            return row is not None and (row.file.thumbnail_key == key or row.file.status is Status.PROCESSING)

        return [key for key, file_id in thumbnails.items() if not is_wanted(key, file_id)]

    def compare(self, page: ObjectPage, after: str, settling_time: timedelta, limit: int) -> BucketDiff:
        end = page.objects[-1].key if page.has_more else None
        keys = {listed.key for listed in page.objects}
        settled = [row for row in self.rows.values() if row.since < _now() - settling_time]

        def is_unheard_of(listed: ObjectRef) -> bool:
            row = self._by_key(listed.key)
            if row is None or row not in settled:
                return row is None
            another = row.file.etag != listed.etag
            return (
                (row.file.status in DONE and another)
                or _is_missing(row.file)
                or row.file.status in {Status.AWAITING_UPLOAD, Status.EXPIRED}
            )

        def is_gone(file: File) -> bool:
            in_range = after.encode() < file.object_key.encode() and (
                end is None or file.object_key.encode() <= end.encode()
            )
            return file.status in DONE and not _is_missing(file) and in_range and file.object_key not in keys

        return BucketDiff(
            unprocessed=[listed.key for listed in page.objects if is_unheard_of(listed)],
            missing=[row.file.object_key for row in settled if is_gone(row.file)][:limit],
        )

    def requeue_by_key(self, object_key: str) -> None:
        row = self._by_key(object_key)
        if row and row.file.status in DONE:
            self._requeue(row)

    def _insert(
        self,
        file: NewFile,
        status: Status,
        uploaded_at: datetime | None,
        queued_at: datetime | None = None,
        **row: Any,
    ) -> None:
        self.rows[file.id] = Row(
            File(
                **{name: getattr(file, name) for name in NewFile.__dataclass_fields__},
                status=status,
                attempts=0,
                attempts_offset=0,
                thumbnail_key=None,
                worker_crashes=0,
                queued_at=queued_at,
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

    def _still_claimed(self, claimed: File) -> Row | None:
        row = self._owned(claimed.owner, claimed.id)
        if row is None or (row.file.status, row.file.attempts) != (Status.PROCESSING, claimed.attempts):
            return None
        return row

    def _fail(self, row: Row, failure: Failure) -> None:
        self._move(
            row,
            Status.FAILED,
            processed_at=_now(),
            failure=Failure(failure.code, failure.message),
            detected_type=failure.partial_analysis.detected_type if failure.partial_analysis else None,
            result=failure.partial_analysis.result if failure.partial_analysis else None,
        )

    def _requeue(self, row: Row) -> None:
        self._move(
            row,
            Status.UPLOADED,
            queued_at=_now(),
            attempts_offset=row.file.attempts,
            worker_crashes=0,
            processed_at=None,
            failure=None,
        )

    def _move(self, row: Row, status: Status, **changes: Any) -> None:
        row.file = replace(row.file, status=status, version=row.file.version + 1, **changes)
        row.since, row.lease_until = _now(), None


DONE = frozenset({Status.PROCESSED, Status.FAILED})


def _order(known: str | None, told: str | None) -> int:
    """Below 0 where what is told is newer, or may be."""
    if known is None or told is None:
        return -1
    return (known > told) - (known < told)


def _is_news(row: Row, ref: ObjectRef) -> bool:
    if ref.etag is None or (ref.etag == row.file.etag and not _is_missing(row.file)):
        return False
    order = _order(row.sequencer, ref.sequencer)
    return order < 0 or (order == 0 and row.file.etag is not None)


def _is_older(file: File, catalog: ProcessorCatalog) -> bool:
    if file.result == {}:
        return (file.detected_type or "").startswith(tuple(catalog.types))
    versions = catalog.versions
    return any(
        name in versions and facts["version"] < versions[name] for name, facts in (file.result or {}).items()
    )


def _is_missing(file: File) -> bool:
    return file.failure is not None and file.failure.code == OBJECT_MISSING.code


def _now() -> datetime:
    return datetime.now(UTC)


def _waits(row: Row) -> bool:
    return row.file.status in {Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED}


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
