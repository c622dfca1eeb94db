"""Looking at one file."""

from chalicelib.core.errors import FILE_NOT_FOUND, ServiceError
from chalicelib.core.files import File


def found(file: File | None) -> File:
    """Return the file, or raise ServiceError(FILE_NOT_FOUND): somebody else's file doesn't exist either."""
    if file is None:
        raise ServiceError(FILE_NOT_FOUND)
    return file
