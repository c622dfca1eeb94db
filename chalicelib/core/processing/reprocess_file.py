"""Process a file again at the client's request."""

from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import NOT_UPLOADED, ServiceError
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.files.statuses import STORED


class ReprocessFile(Struct, frozen=True):
    """Queue a file again."""

    owners: Owners
    file_id: UUID


def reprocess_file(command: ReprocessFile, *, files: Files) -> File:
    """Queue the file and return it. One statement; two if it is queued already or can't be.

    The next sweep, within a minute, processes it: new uploads come first.
    Raises ServiceError: FILE_NOT_FOUND, NOT_UPLOADED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    requeued = files.requeue(command.owners, command.file_id)
    if requeued is not None:
        return requeued
    file = require_file(files.get(command.owners, command.file_id))
    if file.status not in STORED:
        raise ServiceError(NOT_UPLOADED, status=file.status)
    return file
