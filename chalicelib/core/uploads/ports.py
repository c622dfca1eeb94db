"""What the use cases of uploads need from the database."""

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import DeletedFile
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.uploads.model import MultipartRef


class IdempotentRequest(Struct, frozen=True):
    """A request that a client may send again."""

    key: str
    """The client's, unique among the owner's."""
    digest: str
    """Of the request's content."""


class Uploads(Protocol):
    """The files whose bytes haven't arrived. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, ServiceError(INSUFFICIENT_STORAGE)
    when its disk is full, and QUOTA_EXCEEDED or DAILY_QUOTA_EXCEEDED when a new file would exceed a quota.
    """

    def add(
        self,
        file: NewFile,
        expires_in: timedelta,
        check_in: timedelta | None = None,
        request: IdempotentRequest | None = None,
        quotas: Quotas = UNLIMITED,
    ) -> File:
        """Add a row in `awaiting_upload` and return it, or the one that a request with the same key has added: it
        has another id. The sweep looks at it after `check_in`, and when it expires.

        Nothing is added if it would exceed the owner's quotas, however many are added at once. A row that was
        added before is returned nevertheless.
        """

    def delete(self, owners: Owners, file_id: UUID) -> DeletedFile | None:
        """Delete the row as `Files.delete_leaving_tombstone` does, unless its bytes have arrived: then, and for an
        unknown file, None."""

    def find(self, owners: Owners, upload: MultipartRef) -> File | None:
        """Return the file with this key and this multipart upload, whatever its status."""

    def bind(self, owners: Owners, upload: MultipartRef) -> File | None:
        """Store the multipart upload of the file with this key, unless it has another one, and return the file.
        None if there is no such file, or it doesn't await bytes, or the service knows its size."""
