"""What the use cases of files need from the database."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.limits.model import UNLIMITED, Quotas

RESULT_BYTES_IN_LISTING = 5_000_000
"""More of results aren't read for one page of a list: `chalicelib.http.page_size` would not send them."""


class Listing(Struct, frozen=True):
    """Files in a list's order."""

    files: list[File]
    has_more: bool
    """Others follow."""


class NewName(Struct, frozen=True):
    """Another name for a file."""

    name: str
    mismatch: bool
    """Whether the detected type contradicts the declared one or this name."""
    version: int
    """Of the file that the mismatch was computed from."""


class DeletedFile(Struct, frozen=True):
    """What the storage may still have of a deleted file."""

    object_key: str
    multipart_upload_id: str | None = None
    """S3's, if it wasn't complete."""
    thumbnail_key: str | None = None


class Files(Protocol):
    """The files, each of which has an owner: a call that names other owners doesn't find it. Each call is one
    statement; a search may be two (`list`).

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, ServiceError(INSUFFICIENT_STORAGE)
    when its disk is full, and QUOTA_EXCEEDED or DAILY_QUOTA_EXCEEDED when a new file would exceed a quota.
    """

    def add(self, file: NewFile, expires_in: timedelta, quotas: Quotas = UNLIMITED) -> None:
        """Add a row in `awaiting_upload`; it expires after that time unless its bytes arrive.

        Nothing is added if it would exceed the owner's quotas, however many are added at once.
        """

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str | None) -> File | None:
        """Move the file from `awaiting_upload` or `expired` to `uploaded` and return it. A file with another
        status is returned unchanged; None if it was deleted. `etag`, of the object that the row's checksum is
        about, is stored unless the row already has one."""

    def get(self, owners: Owners, file_id: UUID) -> File | None: ...

    def list(self, owners: Owners, query: ListQuery) -> Listing:
        """Return up to `query.limit` files in `query.order`, starting after `query.after`. The file with which the
        results, as JSON, exceed RESULT_BYTES_IN_LISTING is the last one.

        A search is another statement if the statistics haven't been read for some minutes.
        """

    def update(
        self,
        owners: Owners,
        file_id: UUID,
        *,
        name: NewName | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> File | None:
        """Change the name, the metadata or both, and return the file; None if it was deleted.

        It is a new version unless the file has this name and metadata already. The mismatch is stored as None if
        the file has another version by now than the name's.
        """

    def requeue(self, owners: Owners, file_id: UUID) -> File | None:
        """Move the file from `processed` or `failed` to `uploaded`, overdue at once, and return it; None if it
        isn't in either status."""

    def delete_leaving_tombstone(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        """Delete the row, add a tombstone for its object and its multipart upload, and return what to delete.

        Until the tombstone is cleared, a repeated call returns it again, without the thumbnail. None for an
        unknown file.
        """


class Tombstones(Protocol):
    """The object keys of deleted files. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def pending(self, grace_period: timedelta, limit: int) -> Sequence[DeletedFile]:
        """Return the files, oldest first, that were deleted longer than `grace_period` ago and whose objects may
        still exist. Without their thumbnails."""

    def clear(self, object_key: str) -> None:
        """Record that the object is deleted."""


class LongPollSlot(Struct, frozen=True):
    """The permission of one request to wait."""

    number: int
    leased_until: datetime


class LongPolls(Protocol):
    """The requests of all containers that wait for a change. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def acquire(self, lease: timedelta) -> LongPollSlot | None:
        """Return a slot for a request that waits, or None if as many as allowed wait already. A slot that isn't
        released, because its container died, is free again after the lease."""

    def release(self, slot: LongPollSlot) -> None:
        """Give the slot back. Does nothing if another request holds it by now."""
