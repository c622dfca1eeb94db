"""Deleting a file: its row first, then its object."""

from uuid import UUID

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.ports import Files, Storage, Tombstones


def delete(owner: str, file_id: UUID, *, files: Files, tombstones: Tombstones, storage: Storage) -> None:
    """Delete the file. Two statements and one S3 request.

    The row goes first and leaves a tombstone: nobody sees the file any more, a worker that has claimed it
    finishes into nothing, and a late event finds the tombstone and doesn't adopt the object. If the storage
    fails, the tombstone makes the sweep, or the same call again, delete the object.

    Raises ServiceError: FILE_NOT_FOUND, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
    """
    key = files.bury(owner, file_id)
    if key is None:
        raise ServiceError(FILE_NOT_FOUND)
    storage.delete(key)
    tombstones.clear(key)
