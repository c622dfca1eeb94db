"""What happened to a file, and what changed since somebody last asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from chalicelib.core.ports import Files
from chalicelib.core.reading import found
from chalicelib.core.statuses import Status


class Happening(StrEnum):
    """What may happen to a file."""

    ANNOUNCED = "announced"
    """The row was written, the bytes are on their way."""
    STORED = "stored"
    """The bytes are there."""
    EVENT = "event"
    """S3 told of the object: once, or again."""
    DEAD_LETTER = "dead_letter"
    """An event failed for the last time; the sweep goes on with the file."""
    CLAIMED = "claimed"
    """A worker began, or took over from one whose lease had ended."""
    RETRIED = "retried"
    """A transient fault interrupted the worker; there will be another attempt."""
    FINISHED = "finished"
    REOPENED = "reopened"
    """It is processed once more: somebody asked, or the object is another one by now."""
    EXPIRED = "expired"
    RENAMED = "renamed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened to a file."""

    file_id: UUID
    at: datetime
    kind: Happening
    status: Status | None
    """After it; None, like `version` and `attempts`, where nothing changed that a reader of the file sees."""
    version: int | None
    attempts: int | None
    error_code: str | None
    detail: dict[str, Any] | None
    """What an event told: `etag`, `size`, `sequencer`. Of a dead letter its `reason`."""
    seq: int | None
    """Its place among the owner's changes; None while nobody has asked for them, and where nothing changed."""


class History(Protocol):
    """What happened, as the routes see it: one owner's files only.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def timeline(self, owner: str, file_id: UUID, limit: int) -> Sequence[Entry]:
        """Return what happened to the file, the newest `limit` entries, oldest first. A deleted file's stays."""

    def changes(self, owner: str, since: int, limit: int) -> Sequence[Entry]:
        """Return up to `limit` of the owner's changes with a `seq` above `since`, in the order of `seq`.

        Nothing is skipped: a change that is committed after this returned gets a `seq` above all that were
        returned, and of one file's changes the later one's is the greater. Numbers may be left out.
        """


TIMELINE_LIMIT = 1000


def timeline(history: History, files: Files, owner: str, file_id: UUID) -> Sequence[Entry]:
    """Return what happened to the file; nothing, if all of it was before there was a history.

    One statement, and one more where nothing is known. Raises ServiceError(FILE_NOT_FOUND).
    """
    entries = history.timeline(owner, file_id, TIMELINE_LIMIT)
    if not entries:
        found(files.get(owner, file_id))
    return entries
