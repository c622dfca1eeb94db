"""Recover files that are stuck: lost events, expired leases, abandoned uploads.

AWS delivers events at least once and may drop them; workers die. The sweep finds the files that are overdue, and
does what the event or the worker should have done.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import TypeVar
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.core.administration.model import FinishedSweep, SweepEnd
from chalicelib.core.administration.ports import SweepRecords
from chalicelib.core.errors import ATTEMPTS_EXHAUSTED, MultipartUploadMissingError, ServiceError
from chalicelib.core.files.delete_file import DeleteObjects, delete_objects
from chalicelib.core.files.model import Failure, File
from chalicelib.core.files.ports import DeletedFile, Tombstones
from chalicelib.core.files.statuses import Status
from chalicelib.core.metrics import Metric
from chalicelib.core.processing.analysis import MAX_ATTEMPTS
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import ReprocessQueue
from chalicelib.core.processing.process_file import Worker, record_completion
from chalicelib.core.sweep.lost_verdicts import LostVerdicts
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.sweep.ports import ComputedColumns
from chalicelib.core.sweep.reconcile import Action, Reconciliation
from chalicelib.core.sweep.unfinished_uploads import UnfinishedUploads

log = logging.getLogger(__name__)

Item = TypeVar("Item")

BATCH = 100
"""Rows that are read at once: with the largest results (128 KiB) they take 100 MB of memory."""

MIN_REMAINING_SHARE = 2 / 3
"""The share of the invocation that must be left to begin another file: of 165 s, 110. A malware scan may take 30
s, detecting its type 5, a processor 40, a checksum 30. A file that is begun with less could be killed by the
sweep's own end, again and again, and three such crashes would have it finished without its processor."""


class Sweep(Struct, frozen=True):
    """Recovers every overdue file, deletes the objects of deleted files, and compares a page of the bucket with
    the database, until too little of the invocation is left for another file.

    Each file or object is an action. If one fails, the others still run. Two sweeps at the same time share the
    work: each action is a claim, or conditional on what was read.
    """

    worker: Worker
    tombstones: Tombstones
    reconciliation: Reconciliation
    computed_columns: ComputedColumns
    reprocess_queue: ReprocessQueue
    records: SweepRecords
    remaining: Callable[[], timedelta]
    grace_period: timedelta
    """How long a file may wait for its event before it is overdue (`ProcessingQueue.overdue`)."""
    lost_verdicts: LostVerdicts | None = None
    """Where something else than the workers scans for malware."""

    def run(self) -> Counter[SweepOutcome]:
        """Return how often each outcome occurred. A log line, the metrics and the record of the last sweep report
        the same.

        Raises ServiceError, after that, where the database or the storage fails to list the actions.
        """
        outcomes: Counter[SweepOutcome] = Counter()
        started_at = time.monotonic()
        end = SweepEnd.FAILED
        min_remaining = self.remaining() * MIN_REMAINING_SHARE
        try:
            self._emit_queue_age()  # first, because an outage of the storage ends the sweep
            for action in self._actions():
                if self.remaining() < min_remaining:
                    end = SweepEnd.OUT_OF_TIME
                    break
                if (outcome := _run_action(action)) is not None:
                    outcomes[outcome] += 1
            else:
                end = SweepEnd.COMPLETED
        finally:
            for outcome, count in outcomes.items():
                self.worker.metrics.add(Metric.SWEEP_ACTIONS, count, outcome=outcome)
            log.info("sweep finished", extra={"outcomes": dict(outcomes)})
            duration = timedelta(seconds=time.monotonic() - started_at)
            counts = {outcome.value: count for outcome, count in outcomes.items()}
            self._record(FinishedSweep(duration=duration, end=end, outcomes=counts))
        return outcomes

    def _record(self, sweep: FinishedSweep) -> None:
        """Record the sweep. If the database fails, the sweep ends as it would have."""
        try:
            self.records.record(sweep)
        except ServiceError as error:
            log.warning("the sweep isn't recorded: %s", error)

    def _emit_queue_age(self) -> None:
        wait = self.worker.queue.oldest_wait() or timedelta(0)
        self.worker.metrics.add(Metric.QUEUE_AGE, wait.total_seconds())

    def _actions(self) -> Iterator[Action]:
        """Yield all actions, the overdue files first and what can wait longest last."""
        return chain(
            self._overdue_files(),
            self._pending_deletions(),
            self.lost_verdicts.actions() if self.lost_verdicts else (),
            self.reconciliation.actions(self.remaining),
            self._missing_columns(),
            self._marked_files(),
        )

    def _overdue_files(self) -> Iterator[Action]:
        queue = self.worker.queue
        batches = _iter_batches(lambda: queue.overdue(self.grace_period, BATCH), lambda file: file.object_key)
        for file in batches:
            yield partial(self._recover_overdue_file, file)

    def _recover_overdue_file(self, file: File) -> SweepOutcome | None:
        if file.attempts_this_round >= MAX_ATTEMPTS:
            message = ATTEMPTS_EXHAUSTED.message.format(attempts=file.attempts_this_round)
            failed = self.worker.queue.fail_exhausted(file, Failure(ATTEMPTS_EXHAUSTED.code, message))
            if failed is None:
                return None
            record_completion(self.worker.metrics, failed)
            return SweepOutcome.ATTEMPTS_EXHAUSTED
        outcome = _overdue_outcome(file)
        if file.status is Status.AWAITING_UPLOAD and self.worker.storage.head(file.object_key) is None:
            unfinished = UnfinishedUploads(self.worker.queue, self.worker.storage)
            try:
                if not unfinished.complete(file):
                    return unfinished.expire_if_due(file)
            except MultipartUploadMissingError:
                return unfinished.expire(file)
            outcome = SweepOutcome.UPLOAD_COMPLETED
        finished = self.worker.process(ObjectRef(file.object_key), self.remaining())
        return None if finished is None else outcome

    def _marked_files(self) -> Iterator[Action]:
        for file in _iter_batches(lambda: self.reprocess_queue.next_batch(BATCH), lambda file: file.object_key):
            yield partial(self._reprocess, file)

    def _reprocess(self, file: File) -> SweepOutcome:
        """Queue the file like any other, and only then begin. However that ends, the next sweep finds it
        overdue, and a file that crashes its worker is counted as such."""
        self.reconciliation.bucket_scan.requeue_by_key(file.object_key)
        self.reprocess_queue.unmark(file.id)
        self.worker.process(ObjectRef(file.object_key), self.remaining())
        return SweepOutcome.OUTDATED

    def _missing_columns(self) -> Iterator[Action]:
        seen: set[UUID] = set()  # a file that changes meanwhile stays in the backlog
        while batch := [file for file in self.computed_columns.next_batch(BATCH) if file.id not in seen]:
            seen.update(file.id for file in batch)
            yield partial(self._store_columns, batch)

    def _store_columns(self, batch: Sequence[File]) -> None:
        self.computed_columns.store([replace(file, mismatch=file.is_mismatched) for file in batch])
        log.info("stored the type mismatch and the search terms of %d files", len(batch))

    def _pending_deletions(self) -> Iterator[Action]:
        pending = _iter_batches(
            lambda: self.tombstones.pending(self.grace_period, BATCH), lambda deleted: deleted.object_key
        )
        for deleted in pending:
            yield partial(self._delete_objects, deleted)

    def _delete_objects(self, deleted: DeletedFile) -> SweepOutcome:
        delete_objects(DeleteObjects(deleted), tombstones=self.tombstones, storage=self.worker.storage)
        return SweepOutcome.ORPHANED_OBJECT


def _overdue_outcome(file: File) -> SweepOutcome:
    if file.status is Status.AWAITING_UPLOAD:
        return SweepOutcome.UPLOAD_UNACKNOWLEDGED
    if file.status is Status.PROCESSING:
        return SweepOutcome.LEASE_EXPIRED
    if file.attempts_this_round:
        return SweepOutcome.RETRY_DUE
    return SweepOutcome.REPROCESS_REQUESTED if file.attempts else SweepOutcome.EVENT_LOST


def _run_action(action: Action) -> SweepOutcome | None:
    try:
        return action()
    except Exception:
        log.exception("sweep action failed; it will be retried by the next sweep")
        return SweepOutcome.FAILED


def _iter_batches(next_batch: Callable[[], Sequence[Item]], key: Callable[[Item], str]) -> Iterator[Item]:
    """Yield the items of batch after batch, until a batch has nothing new."""
    seen: set[str] = set()
    while new := [item for item in next_batch() if key(item) not in seen]:
        seen.update(map(key, new))
        yield from new
