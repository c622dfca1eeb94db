"""Working on one file: claim, describe, finish."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.core.adopting import adopt
from chalicelib.core.files import Description, Failure, File
from chalicelib.core.log_context import about
from chalicelib.core.measures import Measure, Metrics
from chalicelib.core.names import thumbnail_key
from chalicelib.core.ports import Storage, Work
from chalicelib.core.processing.analysis import REPLACEMENTS_FOLLOWED, Describer
from chalicelib.core.processing.processor_result import THUMBNAIL_TYPE
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """Processes files by their object keys."""

    work: Work
    storage: Storage
    describer: Describer
    metrics: Metrics
    adopter: str
    """The owner of objects that nobody announced."""

    def process_all(self, created: Iterable[CreatedObject], lease: timedelta) -> None:
        """Process each object. One that fails doesn't keep the others from their turn.

        Raises what the first one raised, so that the event is delivered again; those that are done find
        nothing to claim then.
        """
        faults = [fault for one in created if (fault := self._attempt(one, lease)) is not None]
        if faults:
            raise faults[0]

    def _attempt(self, created: CreatedObject, lease: timedelta) -> Exception | None:
        try:
            self.process(created, lease)
        except Exception as fault:
            log.exception("processing %s was interrupted", created.key)
            return fault
        return None

    def process(self, created: CreatedObject, lease: timedelta) -> File | None:
        """Claim the file, describe it, store what was found and return it. Two statements and ranged GETs, and a
        PUT for a thumbnail.

        Without anything to claim (a duplicate event, a deleted file) it ends quietly, with None. An object without
        a row is adopted first. Bad content ends in `failed`; any other fault gives the claim back and is raised
        for whoever delivers the event to try again. If events tell of another object meanwhile, it begins anew.
        """
        finished = self._process_once(created, lease)
        for _ in range(REPLACEMENTS_FOLLOWED):
            if finished is None or finished.status is not Status.UPLOADED:
                break
            finished = self._process_once(CreatedObject(created.key), lease)
        return finished

    def _process_once(self, created: CreatedObject, lease: timedelta) -> File | None:
        claimed = self.work.claim(created, lease)
        if claimed is None and adopt(created.key, self.adopter, work=self.work, storage=self.storage):
            claimed = self.work.claim(created, lease)
        if claimed is None:
            return None
        with about(claimed.id):
            return self._work_on(claimed, created)

    def _work_on(self, claimed: File, created: CreatedObject) -> File | None:
        try:
            outcome, content = self.describer.outcome(claimed, created)
            thumbnail = self._put_thumbnail(claimed, outcome)
            finished = self.work.finish(claimed, outcome, content, thumbnail)
        except Exception:
            self._release(claimed)
            raise
        if finished is None:
            log.warning("taken over or deleted; the result of attempt %d is dropped", claimed.attempts)
        else:
            measure_end(self.metrics, finished)
            self._delete_replaced(claimed.thumbnail_key)
        return finished

    def _put_thumbnail(self, claimed: File, outcome: Description | Failure) -> str | None:
        """Return the thumbnail's key, which no other attempt uses: whoever is overtaken replaces nobody's."""
        if isinstance(outcome, Failure) or outcome.thumbnail is None:
            return None
        key = thumbnail_key(claimed.id, claimed.attempts)
        self.storage.put(key, outcome.thumbnail, THUMBNAIL_TYPE)
        return key

    def _delete_replaced(self, key: str | None) -> None:
        """Delete the thumbnail of an earlier round. One that stays, or whose attempt was overtaken, is found by
        the sweep: without a file in hand nobody knows whether a row refers to it."""
        if key is None:
            return
        try:
            self.storage.delete(key)
        except Exception:
            log.exception("%s could not be deleted yet", key)

    def _release(self, claimed: File) -> None:
        try:
            self.work.release(claimed)
        except Exception:
            # The fault that brought us here is the one to tell of, and the lease ends by itself.
            log.exception("the claim could not be given back")


def measure_end(metrics: Metrics, file: File) -> None:
    """Note that the file is done, and how long that took."""
    if file.status is Status.PROCESSED:
        assert file.queued_at is not None
        assert file.processed_at is not None
        metrics.add(Measure.PROCESSED)
        metrics.add(Measure.TIME_TO_PROCESSED, (file.processed_at - file.queued_at) / timedelta(milliseconds=1))
    elif file.failure is not None:
        metrics.add(Measure.FAILED, code=file.failure.code)
