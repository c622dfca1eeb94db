"""What the sweep needs from the database, besides the queues of processing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from chalicelib.core.files.model import File
from chalicelib.core.storage import ObjectPage


class BucketDiff(Struct, frozen=True):
    """How a page of the bucket's listing differs from the rows. Object keys."""

    unprocessed: Sequence[str]
    """Listed, but without a row, or with a row that doesn't know this version of the object."""
    missing: Sequence[str]
    """Objects of finished files that weren't listed."""


class ComputedColumns(Protocol):
    """Files without what is computed from their other columns: their type mismatch, and what they are found by.
    They were stored by older code, renamed, or have waited for long. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def next_batch(self, limit: int) -> Sequence[File]:
        """Return some of the files."""

    def store(self, batch: Sequence[File]) -> None:
        """Store the mismatch of each of these files that still has the same version, and what it is found by.
        Their versions don't change: clients have seen the mismatch, which is computed until it is stored."""


class BucketScan(Protocol):
    """Compares the rows with the bucket's listing, page by page. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def cursor(self, prefix: str) -> str:
        """Return the key up to which this prefix was scanned; empty where a new round begins."""

    def save_cursor(self, prefix: str, key: str) -> None:
        """Record that the prefix was scanned up to this key."""

    def orphaned_thumbnails(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        """Return those of these keys, each with its file's id, that no row refers to and that no worker is about
        to refer to because it is processing the file."""

    def compare(self, page: ObjectPage, after: str, settling_time: timedelta, limit: int) -> BucketDiff:
        """Compare the objects listed after the key `after` with the rows. Rows that changed within `settling_time`
        are ignored: they may still have an event, a request or a worker under way. At most `limit` missing objects
        are returned."""

    def requeue_by_key(self, object_key: str) -> None:
        """Move a finished file to `uploaded`, overdue at once."""
