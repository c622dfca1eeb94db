"""Complete an upload: S3 makes the file's object of its parts."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.get_upload import require_upload


class CompleteUpload(Struct, frozen=True):
    """Complete an upload. Without the parts, S3 is asked which it has."""

    owners: Owners
    file_id: UUID
    parts: Sequence[PartRef] | None = None


def complete_upload(command: CompleteUpload, *, files: Files, completion: Completion) -> File:
    """Return the file, whose bytes are all there. At most two statements and two S3 requests; without
    `command.parts` one more for each 1,000 parts after the first. A repeated call returns the file again.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_INCOMPLETE, UPLOAD_EXPIRED, FILE_TOO_LARGE,
    DELETED_DURING_UPLOAD, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    return completion.complete(require_upload(files.get(command.owners, command.file_id)), command.parts)
