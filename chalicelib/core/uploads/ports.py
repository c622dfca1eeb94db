"""What the use cases of uploads need from the database."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.uploads.model import MultipartRef


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that a client may send again."""

    key: str
    """The client's, unique among the owner's."""
    digest: str
    """Of the request's content."""


class Uploads(Protocol):
    """The files whose bytes haven't arrived. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def add(
        self,
        file: NewFile,
        expires_in: timedelta,
        check_in: timedelta | None = None,
        request: IdempotentRequest | None = None,
    ) -> File:
        """Add a row in `awaiting_upload` and return it, or the one that a request with the same key has added: it
        has another id. The sweep looks at it after `check_in`, and when it expires."""

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        """Delete the row as `Files.delete_leaving_tombstone` does, unless its bytes have arrived: then, and for an
        unknown file, None."""

    def find(self, owners: Owners, upload: MultipartRef) -> File | None:
        """Return the file with this key and this multipart upload, whatever its status."""

    def bind(self, owners: Owners, upload: MultipartRef) -> File | None:
        """Store the multipart upload of the file with this key, unless it has another one, and return the file.
        None if there is no such file, or it doesn't await bytes, or the service knows its size."""
