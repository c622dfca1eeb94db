"""What events alone can't promise: no file is stuck.

AWS delivers events at least once, and says that it may drop them; workers die. The sweep finds the files
whose next step is overdue and takes it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import TypeVar

from chalicelib.core.errors import ATTEMPTS_EXHAUSTED
from chalicelib.core.files import Failure, File
from chalicelib.core.findings import Finding
from chalicelib.core.measures import Measure
from chalicelib.core.ports import Outdated, Tombstones
from chalicelib.core.processing.process_file import Worker, measure_end
from chalicelib.core.reconciling import Reconciliation, Step
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status

log = logging.getLogger(__name__)

Item = TypeVar("Item")

MAX_ATTEMPTS = 12
"""The waiting doubles with each attempt, so the last comes after a day and a half: an outage of the storage is
over by then. A file that kills its workers doesn't wait, and is given up within the hour."""

BATCH = 100

KEPT_FOR_THE_LAST = 2 / 3
"""What share of the invocation must be left for one file more: of 120 s, 80. Its type may take 5 s, a processor
40, a digest 30. A file that is begun with less could be killed by the sweep's own end, again and again, and three
such deaths would have it finished without its processor."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """Takes the overdue step of all files that have one, deletes what is left of deleted ones, and looks through a
    page of the bucket, until too little of the invocation is left for one file more.

    A step that fails doesn't keep the others from their turn, and two sweeps at once only share the work: each
    step is a claim, or conditional on what was read.
    """

    worker: Worker
    tombstones: Tombstones
    reconciliation: Reconciliation
    outdated: Outdated
    remaining: Callable[[], timedelta]
    waiting: timedelta
    """How long a step may be due before it is taken."""

    def run(self) -> Counter[Finding]:
        """Return how often each thing was found. One line in the log and the metrics say the same.

        Raises ServiceError, after that line, where the database or the storage doesn't tell what is to be done.
        """
        findings: Counter[Finding] = Counter()
        enough = self.remaining() * KEPT_FOR_THE_LAST
        try:
            self._measure_queue()  # first, because an outage of the storage ends the sweep
            for take in self._steps():
                if self.remaining() < enough:
                    break
                if (finding := _taken(take)) is not None:
                    findings[finding] += 1
        finally:
            for finding, times in findings.items():
                self.worker.metrics.add(Measure.SWEEP_ACTIONS, times, outcome=finding)
            log.info("sweep finished", extra={"outcomes": dict(findings)})
        return findings

    def _measure_queue(self) -> None:
        wait = self.worker.work.oldest_wait() or timedelta(0)
        self.worker.metrics.add(Measure.QUEUE_AGE, wait.total_seconds())

    def _steps(self) -> Iterator[Step]:
        """What is due comes first, and what only would be nicer comes last."""
        return chain(
            self._overdue(), self._left_over(), self.reconciliation.steps(self.remaining), self._outdated()
        )

    def _overdue(self) -> Iterator[Step]:
        batches = _each_once(lambda: self.worker.work.overdue(self.waiting, BATCH), lambda file: file.object_key)
        for file in batches:
            yield partial(self._take_overdue, file)

    def _take_overdue(self, file: File) -> Finding | None:
        if file.tries >= MAX_ATTEMPTS:
            failure = Failure(ATTEMPTS_EXHAUSTED.code, ATTEMPTS_EXHAUSTED.message.format(attempts=file.tries))
            given_up = self.worker.work.give_up(file, failure)
            if given_up is None:
                return None
            measure_end(self.worker.metrics, given_up)
            return Finding.ATTEMPTS_EXHAUSTED
        if file.status is Status.AWAITING_UPLOAD and self.worker.storage.head(file.object_key) is None:
            return None if self.worker.work.expire(file) is None else Finding.UPLOAD_ABANDONED
        finished = self.worker.process(CreatedObject(file.object_key), self.remaining())
        return None if finished is None else _why_overdue(file)

    def _outdated(self) -> Iterator[Step]:
        for file in _each_once(lambda: self.outdated.some(BATCH), lambda file: file.object_key):
            yield partial(self._describe_again, file)

    def _describe_again(self, file: File) -> Finding:
        """Queue it like any other, and only then begin. Whatever becomes of that, the next sweep finds it due, and
        a file that kills its worker is counted as one."""
        self.reconciliation.inventory.recheck(file.object_key)
        self.outdated.unmark(file.id)
        self.worker.process(CreatedObject(file.object_key), self.remaining())
        return Finding.OUTDATED

    def _left_over(self) -> Iterator[Step]:
        for key in _each_once(lambda: self.tombstones.uncleared(self.waiting, BATCH), str):
            yield partial(self._delete, key)

    def _delete(self, key: str) -> Finding:
        self.worker.storage.delete(key)
        self.tombstones.clear(key)
        return Finding.ORPHANED_OBJECT


def _why_overdue(file: File) -> Finding:
    if file.status is Status.AWAITING_UPLOAD:
        return Finding.UPLOAD_UNACKNOWLEDGED
    if file.status is Status.PROCESSING:
        return Finding.LEASE_EXPIRED
    if file.tries:
        return Finding.RETRY_DUE
    return Finding.REPROCESS_REQUESTED if file.attempts else Finding.EVENT_LOST


def _taken(take: Step) -> Finding | None:
    try:
        return take()
    except Exception:
        log.exception("a step is still due")
        return Finding.FAILED


def _each_once(next_batch: Callable[[], Sequence[Item]], key: Callable[[Item], str]) -> Iterator[Item]:
    """Yield the items of batch after batch, until one holds nothing new."""
    seen: set[str] = set()
    while new := [item for item in next_batch() if key(item) not in seen]:
        seen.update(map(key, new))
        yield from new
