"""Process a file: claim, analyze, finish."""

import logging
from collections.abc import Iterable
from datetime import timedelta

from msgspec import Struct

from chalicelib.core.errors import MalwareFoundError, RejectedContentError
from chalicelib.core.files.model import Analysis, Failure, File
from chalicelib.core.files.object_keys import hide_name, thumbnail_key
from chalicelib.core.files.statuses import Status
from chalicelib.core.log_context import bind_file
from chalicelib.core.metrics import Metric, Metrics
from chalicelib.core.processing.adopt_object import AdoptObject, adopt_object
from chalicelib.core.processing.analysis import MAX_OBJECT_REPLACEMENTS, Analyzer
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import ProcessingQueue
from chalicelib.core.processing.processor_result import THUMBNAIL_TYPE
from chalicelib.core.storage import Storage

log = logging.getLogger(__name__)


class Worker(Struct, frozen=True):
    """Processes files by their object keys."""

    queue: ProcessingQueue
    storage: Storage
    analyzer: Analyzer
    metrics: Metrics
    default_owner: str
    """The owner of objects that were put into the bucket without an upload, and whose keys name none."""

    def process_all(self, refs: Iterable[ObjectRef], lease: timedelta) -> None:
        """Process every object, even if one fails; then raise the first error.

        The event is then delivered again. On redelivery, finished objects are skipped.
        """
        errors = [error for ref in refs if (error := self._process_or_capture(ref, lease)) is not None]
        if errors:
            raise errors[0]

    def _process_or_capture(self, ref: ObjectRef, lease: timedelta) -> Exception | None:
        try:
            self.process(ref, lease)
        except Exception as error:
            log.exception("processing %s was interrupted", hide_name(ref.key))
            return error
        return None

    def process(self, ref: ObjectRef, lease: timedelta) -> File | None:
        """Claim the file, analyze it, store the outcome and return the file. Two statements and ranged GETs, and a
        PUT for a thumbnail.

        Return None when there is nothing to claim (a duplicate event, a deleted file). An object without a row is
        adopted first. Bad content ends in `failed`; any other error releases the claim and is raised, so that the
        event is delivered again. If an event reports another object meanwhile, processing begins again.
        """
        # `finish` leaves a file `uploaded` whose object was replaced while it was analyzed. After the last round
        # such a file is returned as it is, overdue, and the sweep processes it.
        finished = self._process_once(ref, lease)
        for _ in range(MAX_OBJECT_REPLACEMENTS):
            if finished is None or finished.status is not Status.UPLOADED:
                break
            finished = self._process_once(ObjectRef(ref.key), lease)
        return finished

    def _process_once(self, ref: ObjectRef, lease: timedelta) -> File | None:
        claimed = self.queue.claim(ref, lease)
        if claimed is None and self._adopt(ref.key):
            claimed = self.queue.claim(ref, lease)
        if claimed is None:
            return None
        with bind_file(claimed.id):
            return self._analyze_and_finish(claimed, ref)

    def _adopt(self, key: str) -> bool:
        return adopt_object(
            AdoptObject(key, self.default_owner),
            queue=self.queue,
            storage=self.storage,
            limits=self.analyzer.admission.limits,
            metrics=self.metrics,
        )

    def _analyze_and_finish(self, claimed: File, ref: ObjectRef) -> File | None:
        try:
            outcome, analyzed_object = self.analyzer.analyze(claimed, ref)
            thumbnail = self._put_thumbnail(claimed, outcome)
            finished = self.queue.finish(claimed, outcome, analyzed_object, thumbnail)
        except RejectedContentError as error:
            return self._reject(claimed, error)
        except Exception:
            self._release(claimed)
            raise
        if finished is None:
            log.warning("lost the lease; discarding the result of attempt %d", claimed.attempts)
        else:
            record_completion(self.metrics, finished)
            self._delete_previous_thumbnail(claimed.thumbnail_key)
        return finished

    def _reject(self, claimed: File, error: RejectedContentError) -> File | None:
        """Store why, and delete the object. If that fails, the sweep deletes it because of its tombstone."""
        infected_etag = error.etag if isinstance(error, MalwareFoundError) else None
        rejected = self.queue.reject(claimed, Failure(error.kind.code, error.message), infected_etag)
        if rejected is None:
            log.warning("lost the lease; not rejecting the file in attempt %d", claimed.attempts)
            return None
        log.warning("rejected the file: %s", error.kind.code)
        record_completion(self.metrics, rejected)
        self._delete_previous_thumbnail(claimed.thumbnail_key)
        self.storage.delete(claimed.object_key)
        return rejected

    def _put_thumbnail(self, claimed: File, outcome: Analysis | Failure) -> str | None:
        """Return the thumbnail's key. It differs for each attempt, so a worker that has lost its lease can't
        replace the thumbnail of another one."""
        if isinstance(outcome, Failure) or outcome.thumbnail is None:
            return None
        key = thumbnail_key(claimed.id, claimed.attempts)
        self.storage.put(key, outcome.thumbnail, THUMBNAIL_TYPE)
        return key

    def _delete_previous_thumbnail(self, key: str | None) -> None:
        """Delete the thumbnail of the previous result. If that fails, the sweep deletes it.

        A worker that lost its lease leaves its own thumbnail to the sweep, too, because it can't know whether the
        row refers to it.
        """
        if key is None:
            return
        try:
            self.storage.delete(key)
        except Exception:
            log.exception("%s could not be deleted; the sweep will delete it", key)

    def _release(self, claimed: File) -> None:
        try:
            self.queue.release(claimed)
        except Exception:
            # The error that led here is the one to raise, and the lease expires by itself.
            log.exception("the claim could not be released")


def record_completion(metrics: Metrics, file: File) -> None:
    """Record the metrics of a finished file: its outcome, and how long a processed one took."""
    if file.status is Status.PROCESSED:
        assert file.queued_at is not None
        assert file.processed_at is not None
        metrics.add(Metric.PROCESSED)
        metrics.add(Metric.TIME_TO_PROCESSED, (file.processed_at - file.queued_at) / timedelta(milliseconds=1))
    elif file.failure is not None:
        metrics.add(Metric.FAILED, code=file.failure.code)
