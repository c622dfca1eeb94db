"""Complete an upload in parts, for a client that knows it by its key."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.get_upload import require_upload
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import Uploads


class CompleteUnsizedUpload(Struct, frozen=True):
    """Complete an upload of these parts."""

    owners: Owners
    upload: MultipartRef
    parts: Sequence[PartRef]


def complete_unsized_upload(command: CompleteUnsizedUpload, *, uploads: Uploads, completion: Completion) -> File:
    """Return the file, whose bytes are all there. Two statements and two S3 requests, and one more for each 1,000
    parts after the first. A repeated call returns the file again.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_INCOMPLETE, UPLOAD_EXPIRED, FILE_TOO_LARGE,
    DELETED_DURING_UPLOAD, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    return completion.complete(require_upload(uploads.find(command.owners, command.upload)), command.parts)
