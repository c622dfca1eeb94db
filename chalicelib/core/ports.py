"""What the rules need of the outside world. The adapters and the tests' fakes keep the same contracts
(tests/contracts)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Protocol
from uuid import UUID

from chalicelib.core.files import Analysis, Checksum, Content, Failure, File, NewFile
from chalicelib.core.queries import ListQuery
from chalicelib.core.s3_events import CreatedObject


class Files(Protocol):
    """The rows, as the routes see them: each call is one statement and reaches one owner's files only.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def add(self, file: NewFile, expires_in: timedelta) -> None:
        """Add a row in `awaiting_upload`; without its bytes it expires after that time."""

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str) -> File | None:
        """Move the file from `awaiting_upload`, or `expired`, to `uploaded` and return it; if it is further along
        already, return it as it is; None when it was deleted. `etag` is of the object that was put, and is kept
        unless another one is known."""

    def get(self, owner: str, file_id: UUID) -> File | None: ...

    def list(self, owner: str, query: ListQuery) -> list[File]:
        """Return up to `query.limit` files in `query.order`, those after `query.after`."""

    def rename(self, owner: str, file_id: UUID, name: str) -> File | None: ...

    def reopen(self, owner: str, file_id: UUID) -> File | None:
        """Move the file from `processed` or `failed` to `uploaded`, due at once, and return it; None where none
        is in either."""

    def bury(self, owner: str, file_id: UUID) -> Sequence[str]:
        """Delete the row, leave a tombstone for its object, and return the object's key, and the thumbnail's.

        The object's comes back again for a file whose tombstone isn't cleared yet; none for one that never was.
        """


@dataclass(frozen=True, slots=True)
class Marked:
    """What came of marking some files."""

    looked_at: int
    marked: int
    last: UUID | None
    """Of those that were looked at."""


class Known(Enum):
    """What the database knows of an object's key."""

    NOTHING = "nothing"
    FILE = "file"
    DELETED = "deleted"
    """Its file was deleted, and whatever lies there is left of it: the key holds that file's id, so it is never
    used for another, or the object isn't deleted yet."""


class Work(Protocol):
    """The rows, as events and the sweep see them: one file, whoever owns it. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def claim(self, created: CreatedObject, lease: timedelta) -> File | None:
        """Begin processing: raise the attempt number and take a lease.

        A file that has `expired` is claimed too: its bytes came after all. So is one that is done, if `created`
        tells of another object than the one that was processed, and isn't older than the newest event. If
        somebody else's lease runs still, the row remembers the ETag for `finish`.
        What is told with a sequencer is an event, and is written into the file's history, each time that it comes.
        Return the file, with the attempt number that `finish` and `release` must show, or None when there
        is nothing to claim: no such row, already done, or somebody else's lease runs still.
        """

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        content: Content | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        """Store the outcome, and what it is about, and end in `processed` or `failed`. Return the file.

        `content` is None where there was no object. If an event has told of another object than this one since
        the claim, the file ends in `uploaded`, due at once. None when the claim is no longer ours.
        """

    def release(self, claimed: File) -> None:
        """Give the claim back: `uploaded` again, if the claim is still ours."""

    def oldest_wait(self) -> timedelta | None:
        """Return for how long the file that has waited longest has been `uploaded` or `processing`; None where
        none waits."""

    def known(self, object_key: str) -> Known: ...

    def adopt(self, file: NewFile) -> None:
        """Add a row in `uploaded` for an object of which NOTHING is known; otherwise do nothing."""

    def note_dead_letter(self, object_key: str, reason: str) -> bool:
        """Write into the file's history that an event about its object was given up, and why. No other will come,
        so a file that waits, for its event or even for its bytes, is `uploaded` and overdue.

        Return False when no row has this key.
        """

    def overdue(self, waiting: timedelta, limit: int) -> Sequence[File]:
        """Return files, oldest first, whose next step is overdue: `uploaded` for longer than `waiting`, which
        doubles with each attempt since it was queued, `processing` under a lease that ran out, or
        `awaiting_upload` after its time. A file that was reopened is overdue at once."""

    def expire(self, file: File) -> File | None:
        """End the file in `expired` and return it, if it still is in `awaiting_upload`."""

    def give_up(self, file: File, failure: Failure) -> File | None:
        """End a file in `failed` and return it, unless somebody moved it since it was read."""


class Tombstones(Protocol):
    """What is left of deleted files: their objects' keys. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def uncleared(self, waiting: timedelta, limit: int) -> Sequence[str]:
        """Return the keys, oldest first, of what may be left of files deleted longer than `waiting` ago."""

    def clear(self, object_key: str) -> None:
        """Note that the object is gone."""


@dataclass(frozen=True, slots=True)
class Present:
    """What the processors of today can do."""

    versions: Mapping[str, int]
    """By the processors' names."""
    types: Sequence[str]
    """The beginnings of the types that any of them takes."""


class Outdated(Protocol):
    """Files that are to be described again, because an older processor has described them, or none that there was.
    Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def mark(self, present: Present, after: UUID | None, limit: int) -> Marked:
        """Look at the next `limit` files after this id, and mark those that are done and that a processor of an
        older version than these described or failed at, or none did although one takes their type now. Nothing
        else of them changes."""

    def some(self, limit: int) -> Sequence[File]:
        """Return files that are marked, and done."""

    def unmark(self, file_id: UUID) -> None:
        """Note that the file was described again."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a page of the bucket's listing and the rows differ. Object keys."""

    unheard_of: Sequence[str]
    """In the bucket: without a row, or with a row that doesn't know that these bytes are there."""
    gone: Sequence[str]
    """Of files that are done, and whose objects weren't listed."""


class Inventory(Protocol):
    """The rows against the bucket's listing, page by page. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't answer.
    """

    def position(self, prefix: str) -> str:
        """Return the key up to which this prefix was looked through; empty where a new round begins."""

    def move_to(self, prefix: str, key: str) -> None:
        """Note that the prefix was looked through up to this key."""

    def strays(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        """Of these keys, each with its file's id, return those that no row refers to: neither as its thumbnail,
        nor because a worker is at the file and may be about to."""

    def compare(self, page: "Listing", after: str, settling: timedelta, limit: int) -> Comparison:
        """Compare what was listed after the key `after` with the rows. What changed within `settling` may still
        be on its way, and is left out. Of what is gone, up to `limit` are told."""

    def recheck(self, object_key: str) -> None:
        """Move a file that is done to `uploaded`, due at once."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the storage says of an object without sending its bytes."""

    size: int
    media_type: str | None
    checksum: Checksum | None
    """Of the whole object; None where the storage has none, or only one made of its parts' checksums."""
    etag: str
    """Without quotation marks."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of an object."""

    data: bytes
    size: int
    """Of the whole object."""
    etag: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the bucket's listing, in the order of the keys' UTF-8 bytes."""

    objects: Sequence[CreatedObject]
    more: bool
    """There are objects after these."""


class Storage(Protocol):
    """The bucket. Each call is one request, apart from `download_url`, which is none.

    Raises ServiceError(STORAGE_UNAVAILABLE) when the storage doesn't answer or refuses.
    """

    def check(self) -> None:
        """Return if the bucket can be reached."""

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        """Store an object and return its ETag; the storage refuses it if the bytes that arrive don't fit the
        SHA-256, if one is given."""

    def head(self, key: str) -> StoredObject | None:
        """Return what is known of the object, or None where there is none."""

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> Piece:
        """Return up to `length` bytes from `start`. Raises ObjectMissingError where there is no object, and
        ObjectChangedError where it isn't the one with this ETag, or has ended before `start`."""

    def list(self, prefix: str, after: str) -> Listing:
        """Return up to 1,000 objects whose keys begin with `prefix` and come after the key `after`."""

    def delete(self, key: str) -> None:
        """Delete the object; without one, do nothing."""

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        """Return a presigned URL whose answer carries this Content-Type and Content-Disposition."""
