"""Processing a file once more because somebody asks for it."""

from uuid import UUID

from chalicelib.core.errors import NOT_UPLOADED, ServiceError
from chalicelib.core.files import File
from chalicelib.core.ports import Files
from chalicelib.core.reading import found
from chalicelib.core.statuses import STORED


def reprocess(owner: str, file_id: UUID, *, files: Files) -> File:
    """Queue the file again and return it. One statement; two where it is queued already or can't be.

    The next sweep, within a minute, processes it: what was handed in just now comes first.
    Raises ServiceError: FILE_NOT_FOUND, NOT_UPLOADED, DATABASE_UNAVAILABLE.
    """
    reopened = files.reopen(owner, file_id)
    if reopened is not None:
        return reopened
    file = found(files.get(owner, file_id))
    if file.status not in STORED:
        raise ServiceError(NOT_UPLOADED, status=file.status)
    return file
