"""Abort an upload in parts, for a client that knows it by its key."""

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import UPLOAD_FINISHED, ServiceError
from chalicelib.core.files.delete_file import DeleteObjects, delete_objects
from chalicelib.core.files.ports import Tombstones
from chalicelib.core.storage import Storage
from chalicelib.core.uploads.get_upload import require_upload
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import Uploads


class AbortUnsizedUpload(Struct, frozen=True):
    """Abort an upload."""

    owners: Owners
    upload: MultipartRef


def abort_unsized_upload(
    command: AbortUnsizedUpload, *, uploads: Uploads, tombstones: Tombstones, storage: Storage
) -> None:
    """Delete the row, and what S3 has. Three statements and at most two S3 requests.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_FINISHED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE.
    """
    file = require_upload(uploads.find(command.owners, command.upload))
    deleted = uploads.delete(command.owners, file.id)
    if deleted is None:
        raise ServiceError(UPLOAD_FINISHED, status=file.status)
    delete_objects(DeleteObjects(deleted), tombstones=tombstones, storage=storage)
