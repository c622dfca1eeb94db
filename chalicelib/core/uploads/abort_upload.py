"""Abort an upload whose bytes haven't all arrived."""

from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import UPLOAD_FINISHED, ServiceError
from chalicelib.core.files.delete_file import DeleteObjects, delete_objects
from chalicelib.core.files.ports import Files, Tombstones
from chalicelib.core.storage import Storage
from chalicelib.core.uploads.get_upload import require_upload
from chalicelib.core.uploads.ports import Uploads


class AbortUpload(Struct, frozen=True):
    """Abort an upload."""

    owners: Owners
    file_id: UUID


def abort_upload(
    command: AbortUpload, *, uploads: Uploads, files: Files, tombstones: Tombstones, storage: Storage
) -> None:
    """Delete the row, and what S3 has. Two statements and at most two S3 requests, like deleting a file.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_FINISHED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE.
    """
    deleted = uploads.delete(command.owners, command.file_id)
    if deleted is None:
        file = require_upload(files.get(command.owners, command.file_id))
        raise ServiceError(UPLOAD_FINISHED, status=file.status)
    delete_objects(DeleteObjects(deleted), tombstones=tombstones, storage=storage)
