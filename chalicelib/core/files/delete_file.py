"""Delete a file: its row first, then its objects."""

from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.ports import DeletedFile, Files, Tombstones
from chalicelib.core.storage import Storage


class DeleteFile(Struct, frozen=True):
    """Delete a file."""

    owners: Owners
    file_id: UUID


def delete_file(command: DeleteFile, *, files: Files, tombstones: Tombstones, storage: Storage) -> None:
    """Delete the file. Two statements and one S3 request, and another request for its thumbnail, or for a
    multipart upload that isn't complete.

    The row is deleted first and leaves a tombstone: clients no longer see the file, a worker that holds the claim
    can't finish, and a late event finds the tombstone and doesn't adopt the object. If the storage fails, the
    sweep, or a repeated call, deletes the object because of the tombstone. The sweep also deletes a thumbnail
    without a row.

    Raises ServiceError: FILE_NOT_FOUND, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    deleted = files.delete_leaving_tombstone(command.owners, command.file_id)
    if deleted is None:
        raise ServiceError(FILE_NOT_FOUND)
    delete_objects(DeleteObjects(deleted), tombstones=tombstones, storage=storage)


class DeleteObjects(Struct, frozen=True):
    """Delete what the storage has of a deleted file."""

    deleted: DeletedFile


def delete_objects(command: DeleteObjects, *, tombstones: Tombstones, storage: Storage) -> None:
    """Delete the objects and clear the tombstone. One statement and up to three S3 requests.

    A multipart upload is aborted first: if it were completed after its object was deleted, the object would stay.

    Raises ServiceError: STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    deleted = command.deleted
    if deleted.multipart_upload_id is not None:
        storage.abort_multipart_upload(deleted.object_key, deleted.multipart_upload_id)
    storage.delete(deleted.object_key)
    if deleted.thumbnail_key is not None:
        storage.delete(deleted.thumbnail_key)
    tombstones.clear(deleted.object_key)
