"""The history of files: its entries, and the port that reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.described_enum import DescribedEnum
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict


class HistoryEventType(DescribedEnum):
    """What happened to a file. `event` and `dead_letter` are in timelines only."""

    ANNOUNCED = "announced", "The row was written; the bytes are on their way."
    STORED = (
        "stored",
        "The bytes are in S3. Missing if a worker was faster than the upload's second statement.",
    )
    EVENT = (
        "event",
        "S3 sent an event about the object; one entry per delivery, with ETag, size and sequencer.",
    )
    DEAD_LETTER = (
        "dead_letter",
        "An event failed for the last time; `event.reason` says why. The sweep continues with the file.",
    )
    CLAIMED = "claimed", "A worker started, or took over from one whose lease had expired."
    RETRIED = "retried", "A transient error ended the attempt; there will be another one."
    FINISHED = "finished", "Processing ended; `status` says how, `error` why it failed."
    REOPENED = "reopened", "Queued again: by a request, or because the object is another one or missing."
    SCANNED = (
        "scanned",
        "A malware scan ended; `verdict` says how. In timelines only, where processing ended with it.",
    )
    EXPIRED = "expired", "The bytes never came."
    RENAMED = "renamed", "The name changed, and the metadata if the same request changed both."
    METADATA_CHANGED = "metadata_changed", "The metadata changed, and the name didn't."
    DELETED = "deleted", "The file was deleted."


class HistoryEntry(Struct, frozen=True, kw_only=True):
    """Something that happened to a file."""

    file_id: UUID
    at: datetime
    type: HistoryEventType
    status: Status | None
    """After it; None, like `version` and `attempts`, where nothing changed that a client can see."""
    version: int | None
    attempts: int | None
    error_code: str | None
    mismatch: bool | None
    """After it; None where it isn't known."""
    metadata: Mapping[str, str]
    """After it; empty where nothing changed that a client can see."""
    verdict: Verdict | None
    """About the object that the file had after it; None where it has none."""
    detail: dict[str, Any] | None
    """Of an event its `etag`, `size` and `sequencer`, of a dead letter its `reason`."""
    seq: int | None
    """Its position among the owner's changes; None until the changes are requested, and where nothing changed."""


class ChangePage(Struct, frozen=True):
    """Changes in commit order."""

    entries: Sequence[HistoryEntry]
    more: bool
    """Whether to ask for those after them at once."""


class History(Protocol):
    """The history of files.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def timeline(self, owners: Owners, file_id: UUID, limit: int) -> Sequence[HistoryEntry]:
        """Return the newest `limit` entries of the file, oldest first. Those of a deleted file are kept."""

    def newest_changes(self, owner: str, since: int, limit: int) -> ChangePage:
        """Return the newest `limit` of the owner's changes with a `seq` above `since`, in the order of `seq`.

        There are more if too many had no number.
        """

    def changes(self, owner: str, since: int, limit: int) -> Sequence[HistoryEntry]:
        """Return up to `limit` of the owner's changes with a `seq` above `since`, in the order of `seq`.

        Nothing is skipped: a change that is committed after this call returned gets a `seq` above all that were
        returned, and of one file's changes the later one's is greater. There may be gaps between numbers.
        """
