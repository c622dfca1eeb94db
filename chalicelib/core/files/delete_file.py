"""Deleting a file: its row first, then its object."""

from uuid import UUID

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.ports import Files, Storage, Tombstones


def delete(owner: str, file_id: UUID, *, files: Files, tombstones: Tombstones, storage: Storage) -> None:
    """Delete the file. Two statements and one S3 request, and one more for its thumbnail.

    The row goes first and leaves a tombstone: nobody sees the file any more, a worker that has claimed it
    finishes into nothing, and a late event finds the tombstone and doesn't adopt the object. If the storage
    fails, the tombstone makes the sweep, or the same call again, delete the object. A thumbnail without a row is
    found by the sweep.

    Raises ServiceError: FILE_NOT_FOUND, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
    """
    keys = files.bury(owner, file_id)
    if not keys:
        raise ServiceError(FILE_NOT_FOUND)
    for key in keys:
        storage.delete(key)
    tombstones.clear(keys[0])
