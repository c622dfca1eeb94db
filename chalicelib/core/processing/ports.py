"""What processing needs from the database."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File, NewFile
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.processing.object_ref import ObjectRef


class KeyState(Enum):
    """Whether the database has a file for an object's key."""

    UNKNOWN = "unknown"
    FILE = "file"
    REJECTED = "rejected"
    """Its file was rejected: the object must not exist any more."""
    DELETED = "deleted"
    """Its file was deleted, and no new file may use the object: the key holds the deleted file's id, which is
    never used again, or the object itself isn't deleted yet."""


class ProcessingQueue(Protocol):
    """The files of all owners, as a queue of work for events and the sweep. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def claim(self, ref: ObjectRef, lease: timedelta) -> File | None:
        """Begin processing: raise the attempt number and take a lease.

        A file that has `expired` is claimed too: its bytes arrived after all. So is a finished file, if `ref` is
        another object than the one that was processed and isn't older than the newest event. If another worker
        holds the lease, the new ETag is stored so that `finish` requeues the file.
        A `ref` with a sequencer comes from an event, and is added to the file's history each time it arrives.
        Return the file, with the attempt number that `finish` and `release` must present, or None when there is
        nothing to claim: no such row, already finished, or another worker holds the lease.
        """

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        analyzed_object: AnalyzedObject | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        """Store the outcome and which object it is about, move to `processed` or `failed`, and return the file.

        The analysis's mismatch is stored as None if the file was renamed since the claim. `analyzed_object` is
        None if there was no object; its verdict, if it has one, replaces an earlier one. If an event has reported
        another object since the claim, the file moves to `uploaded` instead, overdue at once, as `Files.requeue`
        leaves it. None when the claim was lost.
        """

    def record_size(self, claimed: File, size: int, quotas: Quotas) -> None:
        """Store the size of the file's object, which the service didn't know, or which has grown.

        Raises RejectedContentError, and stores nothing, if it would exceed the owner's quotas. Does nothing when
        the claim was lost.
        """

    def reject(self, claimed: File, failure: Failure, infected_etag: str | None = None) -> File | None:
        """Move to `rejected`, add a tombstone for the object, which is to be deleted, and return the file; None
        when the claim was lost. `infected_etag` is of the object in which malware was found, if that is why."""

    def release(self, claimed: File) -> None:
        """Give the claim back, unless it was lost: the file is `uploaded` again."""

    def oldest_wait(self) -> timedelta | None:
        """Return how long the longest-waiting file has been `uploaded` or `processing`; None without any."""

    def key_state(self, object_key: str) -> KeyState:
        """Return whether the database has a file for the key."""

    def adopt(self, file: NewFile, quotas: Quotas = UNLIMITED) -> None:
        """Add a row in `uploaded` for an object whose key is UNKNOWN; otherwise do nothing.

        Raises RejectedContentError, and adds nothing, if it would exceed the owner's quotas.
        """

    def adopt_rejected(self, file: NewFile, failure: Failure) -> None:
        """Add a row in `rejected` for an object whose key is UNKNOWN, and a tombstone for the object, which is to
        be deleted; otherwise do nothing."""

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        """Add to the file's history that the retries of an event about its object are exhausted, and why. No other
        event will arrive, so a file that waits for its event, or even for its bytes, becomes `uploaded` and
        overdue.

        Return False when no row has this key.
        """

    def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
        """Return files, oldest first, whose next step is overdue: `uploaded` for longer than `grace_period`, which
        doubles with each attempt since it was queued; `processing` with an expired lease; or `awaiting_upload`
        at the time of its next check. A requeued file is overdue at once."""

    def postpone_check(self, file: File) -> bool:
        """Let the sweep look at an upload again when it is twice as old, or expires. Return False if it has
        expired, or no longer awaits its bytes."""

    def expire(self, file: File) -> File | None:
        """Move the file to `expired` and return it; None if it is no longer in `awaiting_upload`."""

    def fail_exhausted(self, file: File, failure: Failure) -> File | None:
        """Move the file to `failed` and return it; None if it changed since it was read."""


class ProcessorCatalog(Struct, frozen=True):
    """The processors of this version of the code."""

    versions: Mapping[str, int]
    """By processor name."""
    types: Sequence[str]
    """Prefixes of the media types that any processor accepts."""
    scans_files: bool = False
    """Whether workers scan for malware."""


class MarkedBatch(Struct, frozen=True):
    """The result of marking one batch of files."""

    examined: int
    marked: int
    last_id: UUID | None
    """Of the files that were examined."""


class ReprocessQueue(Protocol):
    """Files to process again, because an older processor or none at all has processed them. Each call is one
    statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def mark(self, catalog: ProcessorCatalog, after: UUID | None, limit: int) -> MarkedBatch:
        """Examine the next `limit` files after this id. Mark those that are finished and that an older version of
        a processor has processed or failed at, or that none has processed although one accepts their type now, or
        that have no verdict about their object although workers scan. Nothing else of them changes."""

    def next_batch(self, limit: int) -> Sequence[File]:
        """Return files that are marked and finished."""

    def unmark(self, file_id: UUID) -> None:
        """Remove the mark from a file."""
