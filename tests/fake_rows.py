"""A stand-in for the rows, for unit tests. tests/contracts holds it to what PostgreSQL's do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files import Analysis, Content, Failure, File, NewFile
from chalicelib.core.ports import Comparison, Known, Listing, Marked, Present
from chalicelib.core.queries import ListQuery
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status


@dataclass
class Row:
    file: File
    since: datetime
    expires_at: datetime | None = None
    lease_until: datetime | None = None
    changed_to: str | None = None
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

    def reopen(self, owner: str, file_id: UUID) -> File | None:
        row = self._owned(owner, file_id)
        if row is None or row.file.status not in DONE:
            return None
        self._reopen(row)
        return row.file

    def bury(self, owner: str, file_id: UUID) -> Sequence[str]:
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

    def uncleared(self, waiting: timedelta, limit: int) -> Sequence[str]:
        before = _now() - waiting
        return [key for key, (*_, when, cleared) in self.deleted.items() if not cleared and when < before][:limit]

    def clear(self, object_key: str) -> None:
        if object_key in self.deleted:
            self.deleted[object_key] = (*self.deleted[object_key][:3], True)

    # Work

    def claim(self, created: CreatedObject, lease: timedelta) -> File | None:
        row = self._by_key(created.key)
        if row is None:
            return None
        done = row.file.status in DONE
        if not (_waits(row) or _lease_ran_out(row) or (done and _is_news(row, created))):
            if not done and created.etag and _order(row.sequencer, created.sequencer) <= 0:
                row.changed_to, row.sequencer = created.etag, created.sequencer or row.sequencer
            return None
        self._move(
            row,
            Status.PROCESSING,
            attempts=row.file.attempts + 1,
            attempts_before=row.file.attempts if done else row.file.attempts_before,
            deaths=0 if done else row.file.deaths + _lease_ran_out(row),
            uploaded_at=row.file.uploaded_at or _now(),
            queued_at=_now() if done else row.file.queued_at or _now(),
            processed_at=None,
            failure=None,
        )
        row.lease_until, row.changed_to = _now() + lease, None
        row.sequencer = max(filter(None, (row.sequencer, created.sequencer)), default=None)
        return row.file

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        content: Content | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        row = self._still_claimed(claimed)
        if row is None:
            return None
        if content is not None:
            row.file = replace(row.file, size=content.size, checksum=content.checksum, etag=content.etag)
        row.file = replace(row.file, thumbnail_key=thumbnail_key)
        if isinstance(outcome, Failure):
            self._fail(row, outcome)
        else:
            found = {"detected_type": outcome.detected_type, "result": outcome.result}
            self._move(row, Status.PROCESSED, processed_at=_now(), failure=None, **found)
        if row.changed_to and (content is None or row.changed_to != content.etag):
            row.file = replace(row.file, version=row.file.version - 1)
            self._reopen(row)
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

    def known(self, object_key: str) -> Known:
        if self._by_key(object_key):
            return Known.FILE
        file_id, *_, cleared = self.deleted.get(object_key, (None, None, None, True))
        own_key = object_key.startswith(f"uploads/{file_id}/")
        return Known.DELETED if own_key or not cleared else Known.NOTHING

    def adopt(self, file: NewFile) -> None:
        if self.known(file.object_key) is Known.NOTHING:
            self._insert(file, Status.UPLOADED, uploaded_at=_now(), queued_at=_now())

    def note_dead_letter(self, object_key: str, reason: str) -> bool:
        row = self._by_key(object_key)
        self.dead_letters.append((object_key, reason))
        if row and _waits(row):
            if row.file.status is not Status.UPLOADED:
                self._move(row, Status.UPLOADED, uploaded_at=row.file.uploaded_at or _now(), queued_at=_now())
            row.since = datetime.fromtimestamp(0, UTC)
        return row is not None

    def overdue(self, waiting: timedelta, limit: int) -> Sequence[File]:
        now = _now()

        def is_overdue(row: Row) -> bool:
            status, file = row.file.status, row.file
            reopened = file.attempts_before > 0 and file.tries == 0
            backoff = timedelta(0) if reopened else waiting * 2**file.tries
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

    def give_up(self, file: File, failure: Failure) -> File | None:
        row = self.rows.get(file.id)
        if row is None or row.file.version != file.version:
            return None
        row.file = replace(row.file, thumbnail_key=None)
        self._fail(row, failure)
        return row.file

    # Outdated

    def mark(self, present: Present, after: UUID | None, limit: int) -> Marked:
        files = [row.file for file_id, row in sorted(self.rows.items()) if after is None or file_id > after][
            :limit
        ]
        older = {file.id for file in files if file.status in DONE and _is_older(file, present)} - self.outdated
        self.outdated |= older
        return Marked(len(files), len(older), files[-1].id if files else None)

    def some(self, limit: int) -> Sequence[File]:
        files = [row.file for file_id, row in sorted(self.rows.items()) if file_id in self.outdated]
        return [file for file in files if file.status in DONE][:limit]

    def unmark(self, file_id: UUID) -> None:
        self.outdated.discard(file_id)

    # Inventory

    def position(self, prefix: str) -> str:
        return self.looked_through_to.get(prefix, "")

    def move_to(self, prefix: str, key: str) -> None:
        self.looked_through_to[prefix] = key

    def strays(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        def is_wanted(key: str, file_id: UUID) -> bool:
            row = self.rows.get(file_id)
            return row is not None and (row.file.thumbnail_key == key or row.file.status is Status.PROCESSING)

        return [key for key, file_id in thumbnails.items() if not is_wanted(key, file_id)]

    def compare(self, page: Listing, after: str, settling: timedelta, limit: int) -> Comparison:
        end = page.objects[-1].key if page.more else None
        keys = {listed.key for listed in page.objects}
        settled = [row for row in self.rows.values() if row.since < _now() - settling]

        def is_unheard_of(listed: CreatedObject) -> bool:
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

        return Comparison(
            unheard_of=[listed.key for listed in page.objects if is_unheard_of(listed)],
            gone=[row.file.object_key for row in settled if is_gone(row.file)][:limit],
        )

    def recheck(self, object_key: str) -> None:
        row = self._by_key(object_key)
        if row and row.file.status in DONE:
            self._reopen(row)

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
                attempts_before=0,
                thumbnail_key=None,
                deaths=0,
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

    def _reopen(self, row: Row) -> None:
        self._move(
            row,
            Status.UPLOADED,
            queued_at=_now(),
            attempts_before=row.file.attempts,
            deaths=0,
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


def _is_news(row: Row, created: CreatedObject) -> bool:
    if created.etag is None or (created.etag == row.file.etag and not _is_missing(row.file)):
        return False
    order = _order(row.sequencer, created.sequencer)
    return order < 0 or (order == 0 and row.file.etag is not None)


def _is_older(file: File, present: Present) -> bool:
    if file.result == {}:
        return (file.detected_type or "").startswith(tuple(present.types))
    versions = present.versions
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
