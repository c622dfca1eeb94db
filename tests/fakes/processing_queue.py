"""`ProcessingQueue` in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File, NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.check_quotas import find_exceeded, reject
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from chalicelib.core.scanning.verdicts import Verdict
from tests.fakes.table import Row, Table, Tombstone, now, scan


@dataclass
class FakeProcessingQueue:
    """`ProcessingQueue` in memory."""

    table: Table
    dead_letters: list[tuple[str, str]] = field(default_factory=list)
    """Object keys and reasons, also of objects that have no row."""

    def claim(self, ref: ObjectRef, lease: timedelta) -> File | None:
        row = self.table.by_key(ref.key)
        if row is None:
            return None
        if ref.sequencer is not None:
            fields = {"etag": ref.etag, "size": ref.size, "sequencer": ref.sequencer}
            detail = {name: value for name, value in fields.items() if value is not None}
            self.table.record_event(HistoryEventType.EVENT, row.file, **detail)
        done, crashed = row.is_done, row.lease_expired
        if not (row.is_pending or crashed or (done and _is_new_object(row, ref))):
            if not done and ref.etag and _compare_sequencers(row.sequencer, ref.sequencer) <= 0:
                row.pending_etag, row.sequencer = ref.etag, ref.sequencer or row.sequencer
            return None
        row.move(
            Status.PROCESSING,
            attempts=row.file.attempts + 1,
            attempts_offset=row.file.attempts if done else row.file.attempts_offset,
            worker_crashes=0 if done else row.file.worker_crashes + crashed,
            uploaded_at=row.file.uploaded_at or now(),
            queued_at=now() if done else row.file.queued_at or now(),
            processed_at=None,
            failure=None,
        )
        row.lease_until, row.pending_etag = now() + lease, None
        row.sequencer = max(filter(None, (row.sequencer, ref.sequencer)), default=None)
        return row.file

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        analyzed_object: AnalyzedObject | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        row = self._still_claimed(claimed)
        if row is None:
            return None
        changes: dict[str, Any] = outcome_fields(outcome) | {"thumbnail_key": thumbnail_key}
        if analyzed_object is not None:
            changes |= {
                "size": analyzed_object.size,
                "checksum": analyzed_object.checksum,
                "etag": analyzed_object.etag,
            }
            if analyzed_object.verdict is not None and analyzed_object.etag is not None:
                changes["scan"] = scan(analyzed_object.verdict, analyzed_object.etag)
        if row.file.name != claimed.name:
            changes["mismatch"] = None
        replaced = row.pending_etag and (analyzed_object is None or row.pending_etag != analyzed_object.etag)
        row.pending_etag = None
        if replaced:
            row.requeue(**changes)
        else:
            row.move(Status.FAILED if isinstance(outcome, Failure) else Status.PROCESSED, **changes)
        return row.file

    def record_size(self, claimed: File, size: int, quotas: Quotas) -> None:
        row = self._still_claimed(claimed)
        if row is None:
            return
        usage, needs = self.table.usage(claimed.owner), quotas.needs_of_bytes(size - (row.file.size or 0))
        if exceeded := find_exceeded(usage, needs):
            reject(usage, exceeded, size)
        row.update(size=size)

    def reject(self, claimed: File, failure: Failure, infected_etag: str | None = None) -> File | None:
        row = self._still_claimed(claimed)
        if row is None:
            return None
        infected = {} if infected_etag is None else {"scan": scan(Verdict.INFECTED, infected_etag)}
        self.table.reject(row, **outcome_fields(failure), **infected)
        return row.file

    def release(self, claimed: File) -> None:
        row = self._still_claimed(claimed)
        if row:
            row.move(Status.UPLOADED)

    def oldest_wait(self) -> timedelta | None:
        queued = [
            row.file.queued_at
            for row in self.table.rows.values()
            if row.file.status in {Status.UPLOADED, Status.PROCESSING} and row.file.queued_at
        ]
        return now() - min(queued) if queued else None

    def key_state(self, object_key: str) -> KeyState:
        row = self.table.by_key(object_key)
        if row:
            return KeyState.REJECTED if row.file.status is Status.REJECTED else KeyState.FILE
        tombstone = self.table.tombstones.get(object_key)
        if tombstone is None:
            return KeyState.UNKNOWN
        is_own_key = object_key.startswith(f"uploads/{tombstone.file_id}/")
        return KeyState.DELETED if is_own_key or not tombstone.cleared else KeyState.UNKNOWN

    def adopt(self, file: NewFile, quotas: Quotas = UNLIMITED) -> None:
        if self.key_state(file.object_key) is not KeyState.UNKNOWN:
            return
        usage = self.table.usage(file.owner)
        if exceeded := find_exceeded(usage, quotas.needs_of_new_file(file.size)):
            reject(usage, exceeded, file.size)
        self.table.insert(file, Status.UPLOADED, uploaded_at=now(), queued_at=now())

    def adopt_rejected(self, file: NewFile, failure: Failure) -> None:
        if self.key_state(file.object_key) is not KeyState.UNKNOWN:
            return
        times = dict.fromkeys(("uploaded_at", "queued_at", "processed_at"), now())
        self.table.insert(file, Status.REJECTED, failure=failure, mismatch=False, **times)
        self.table.tombstones[file.object_key] = Tombstone(file.id, file.owner, now())

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        row = self.table.by_key(object_key)
        self.dead_letters.append((object_key, reason))
        if row:
            self.table.record_event(HistoryEventType.DEAD_LETTER, row.file, reason=reason)
        if row and row.is_pending:
            if row.file.status is not Status.UPLOADED:
                row.move(Status.UPLOADED, uploaded_at=row.file.uploaded_at or now(), queued_at=now())
            row.status_since = datetime.fromtimestamp(0, UTC)
        return row is not None

    def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
        time = now()

        def is_overdue(row: Row) -> bool:
            status, file = row.file.status, row.file
            was_requeued = file.attempts_offset > 0 and file.attempts_this_round == 0
            backoff = timedelta(0) if was_requeued else grace_period * 2**file.attempts_this_round
            return (
                (status is Status.UPLOADED and row.status_since < time - backoff)
                or (status is Status.AWAITING_UPLOAD and row.check_at is not None and row.check_at < time)
                or row.lease_expired
            )

        rows = sorted(filter(is_overdue, self.table.rows.values()), key=lambda row: row.status_since)
        return [row.file for row in rows][:limit]

    def postpone_check(self, file: File) -> bool:
        row = self.table.rows.get(file.id)
        if row is None or row.file.status is not Status.AWAITING_UPLOAD:
            return False
        expires_at, time = row.file.expires_at, now()
        if expires_at is None or expires_at <= time:
            return False
        row.check_at = min(expires_at, time + (time - row.file.created_at))
        return True

    def expire(self, file: File) -> File | None:
        row = self.table.rows.get(file.id)
        if row is None or row.file.status is not Status.AWAITING_UPLOAD:
            return None
        row.move(Status.EXPIRED)
        return row.file

    def fail_exhausted(self, file: File, failure: Failure) -> File | None:
        row = self.table.rows.get(file.id)
        if row is None or row.file.version != file.version:
            return None
        row.move(Status.FAILED, **outcome_fields(failure), thumbnail_key=None)
        return row.file

    def _still_claimed(self, claimed: File) -> Row | None:
        row = self.table.owned(claimed.owner, claimed.id)
        if row is None or (row.file.status, row.file.attempts) != (Status.PROCESSING, claimed.attempts):
            return None
        return row


def outcome_fields(outcome: Analysis | Failure) -> dict[str, Any]:
    """Return the fields of a file that ends with this outcome."""
    analysis = outcome.partial_analysis if isinstance(outcome, Failure) else outcome
    return {
        "processed_at": now(),
        "failure": Failure(outcome.code, outcome.message) if isinstance(outcome, Failure) else None,
        "detected_type": analysis.detected_type if analysis else None,
        "result": analysis.result if analysis else None,
        "mismatch": analysis is not None and analysis.mismatch,
    }


def _compare_sequencers(stored: str | None, given: str | None) -> int:
    """Return a number below 0 if the given sequencer is newer, or may be."""
    if stored is None or given is None:
        return -1
    return (stored > given) - (stored < given)


def _is_new_object(row: Row, ref: ObjectRef) -> bool:
    if ref.etag is None or (ref.etag == row.file.etag and not row.is_missing_its_object):
        return False
    order = _compare_sequencers(row.sequencer, ref.sequencer)
    return order < 0 or (order == 0 and row.file.etag is not None)
