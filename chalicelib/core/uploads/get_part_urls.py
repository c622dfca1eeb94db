"""Return more URLs of parts, or new ones for those that have expired."""

from collections.abc import Sequence
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import (
    INVALID_PART_NUMBERS,
    NOT_MULTIPART,
    ServiceError,
)
from chalicelib.core.files.ports import Files
from chalicelib.core.storage import PresignedRequests
from chalicelib.core.uploads.get_upload import require_open, require_upload
from chalicelib.core.uploads.limits import URLS_PER_REQUEST
from chalicelib.core.uploads.model import PartUrls
from chalicelib.core.uploads.sign_urls import part_count, sign_parts


class GetPartUrls(Struct, frozen=True):
    """Return the URLs of these parts of an upload."""

    owners: Owners
    file_id: UUID
    numbers: Sequence[int]


def get_part_urls(command: GetPartUrls, *, files: Files, public_storage: PresignedRequests) -> PartUrls:
    """Return the URLs. One statement and no S3 request.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED, NOT_MULTIPART, INVALID_PART_NUMBERS,
    STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE.
    """
    file = require_open(require_upload(files.get(command.owners, command.file_id)))
    if file.part_size is None:
        raise ServiceError(NOT_MULTIPART)
    numbers, last = command.numbers, part_count(file)
    if not 1 <= len(set(numbers)) == len(numbers) <= URLS_PER_REQUEST or not all(1 <= n <= last for n in numbers):
        raise ServiceError(INVALID_PART_NUMBERS, count=URLS_PER_REQUEST, last=last)
    return sign_parts(file, numbers, public_storage)
