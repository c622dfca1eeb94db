"""Working on one file: claim, describe, finish."""

import hashlib
import io
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import BinaryIO

from chalicelib.core.adopting import adopt
from chalicelib.core.errors import OBJECT_MISSING, BadContentError, ObjectChangedError, ObjectMissingError
from chalicelib.core.files import Checksum, Content, Description, Failure, File
from chalicelib.core.log_context import about
from chalicelib.core.measures import Measure, Metrics
from chalicelib.core.object_reader import BLOCK, RangedObject
from chalicelib.core.ports import Storage, Work
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status

log = logging.getLogger(__name__)

MAX_SIZE_TO_DIGEST = 256 * 1024 * 1024
"""Bytes. A larger object whose checksum S3 doesn't know goes without one."""

REPLACEMENTS_FOLLOWED = 3
"""How often an object may be replaced under a worker's hands before it gives the file back."""

Describe = Callable[[BinaryIO, int], Description]
"""Describes a file of so many bytes; raises BadContentError where the content itself is at fault."""

Outcome = tuple[Description | Failure, Content | None]
"""What is to be said of a file, and the object that it is about, None where there is none."""


MISSING: Outcome = Failure(OBJECT_MISSING.code, OBJECT_MISSING.message), None


@dataclass(frozen=True, slots=True)
class Worker:
    """Processes files by their object keys."""

    work: Work
    storage: Storage
    describe: Describe
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
        """Claim the file, describe it, store what was found and return it. Two statements and ranged GETs.

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
            finished = self.work.finish(claimed, *self._outcome(claimed, created))
        except Exception:
            self._release(claimed)
            raise
        if finished is None:
            log.warning("taken over or deleted; the result of attempt %d is dropped", claimed.attempts)
        else:
            measure_end(self.metrics, finished)
        return finished

    def _outcome(self, claimed: File, created: CreatedObject) -> Outcome:
        """Describe the object that lies there: the one that was told of, otherwise the one that S3 finds."""
        size, etag = claimed.size if created.size is None else created.size, None
        for _ in range(REPLACEMENTS_FOLLOWED):
            if not size:  # nothing would be read of an empty object, not even whether it is there
                stored = self.storage.head(claimed.object_key)
                if stored is None:
                    return MISSING
                size, etag = stored.size, stored.etag
            try:
                return self._described(claimed, RangedObject(self.storage, claimed.object_key, size, etag))
            except ObjectMissingError:
                return MISSING
            except ObjectChangedError:
                size = 0
        raise ObjectChangedError

    def _described(self, claimed: File, ranged: RangedObject) -> Outcome:
        source = io.BufferedReader(ranged)
        try:
            outcome: Description | Failure = self.describe(source, ranged.size)
        except ObjectMissingError:
            raise
        except BadContentError as fault:
            outcome = Failure(fault.kind.code, fault.message)
        etag = ranged.etag or claimed.etag  # a processor may read nothing
        return outcome, Content(ranged.size, etag, self._checksum(claimed, etag, source))

    def _checksum(self, claimed: File, etag: str | None, source: BinaryIO) -> Checksum | None:
        """Return the row's checksum, if it is this object's, otherwise the storage's, otherwise compute it."""
        if claimed.checksum is not None and claimed.etag in {None, etag}:
            return claimed.checksum
        if claimed.etag != etag:
            stored = self.storage.head(claimed.object_key)
            if stored is not None and stored.etag == etag and stored.checksum is not None:
                return stored.checksum
        return _digest(source)

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


def _digest(source: BinaryIO) -> Checksum | None:
    if source.seek(0, io.SEEK_END) > MAX_SIZE_TO_DIGEST:
        return None
    source.seek(0)
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
    return Checksum("sha256", digest.hexdigest())
