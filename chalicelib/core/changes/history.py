"""The history of files: its entries, and the port that reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from chalicelib.core.files.statuses import Status


class HistoryEventType(StrEnum):
    """What happened to a file."""

    ANNOUNCED = "announced"
    """The row was written; the bytes are on their way."""
    STORED = "stored"
    """The bytes are in S3."""
    EVENT = "event"
    """An S3 event of the object arrived, for the first time or again."""
    DEAD_LETTER = "dead_letter"
    """An event failed for the last time; the sweep processes the file."""
    CLAIMED = "claimed"
    """A worker began, or took over from one whose lease had expired."""
    RETRIED = "retried"
    """A transient error interrupted the worker; there will be another attempt."""
    FINISHED = "finished"
    REOPENED = "reopened"
    """It is processed again: a client or an administrator asked for it, or the object was replaced."""
    EXPIRED = "expired"
    RENAMED = "renamed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """Something that happened to a file."""

    file_id: UUID
    at: datetime
    type: HistoryEventType
    status: Status | None
    """After it; None, like `version` and `attempts`, where nothing changed that a client can see."""
    version: int | None
    attempts: int | None
    error_code: str | None
    detail: dict[str, Any] | None
    """Of an event its `etag`, `size` and `sequencer`, of a dead letter its `reason`."""
    seq: int | None
    """Its position among the owner's changes; None until the changes are requested, and where nothing changed."""


class History(Protocol):
    """The history of one owner's files.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond.
    """

    def timeline(self, owner: str, file_id: UUID, limit: int) -> Sequence[HistoryEntry]:
        """Return the newest `limit` entries of the file, oldest first. Those of a deleted file are kept."""

    def changes(self, owner: str, since: int, limit: int) -> Sequence[HistoryEntry]:
        """Return up to `limit` of the owner's changes with a `seq` above `since`, in the order of `seq`.

        Nothing is skipped: a change that is committed after this call returned gets a `seq` above all that were
        returned, and of one file's changes the later one's is greater. There may be gaps between numbers.
        """
