"""Delete a file: its row first, then its objects."""

from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files.ports import Files, Tombstones
from chalicelib.core.storage import Storage


@dataclass(frozen=True, slots=True)
class DeleteFile:
    """Delete the owner's file."""

    owner: str
    file_id: UUID


def delete_file(command: DeleteFile, *, files: Files, tombstones: Tombstones, storage: Storage) -> None:
    """Delete the file. Two statements and one S3 request, and another request for its thumbnail.

    The row is deleted first and leaves a tombstone: clients no longer see the file, a worker that holds the claim
    can't finish, and a late event finds the tombstone and doesn't adopt the object. If the storage fails, the
    sweep, or a repeated call, deletes the object because of the tombstone. The sweep also deletes a thumbnail
    without a row.

    Raises ServiceError: FILE_NOT_FOUND, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    keys = files.delete_leaving_tombstone(command.owner, command.file_id)
    if not keys:
        raise ServiceError(FILE_NOT_FOUND)
    for key in keys:
        storage.delete(key)
    tombstones.clear(keys[0])
