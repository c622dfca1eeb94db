"""Complete an upload: S3 makes the file's object of its parts."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chalicelib.core.errors import (
    DELETED_DURING_UPLOAD,
    UPLOAD_EXPIRED,
    UPLOAD_INCOMPLETE,
    MultipartUploadMissingError,
    ObjectExistsError,
    PartsRejectedError,
    ServiceError,
)
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.files.statuses import Status
from chalicelib.core.storage import PartRef, Storage
from chalicelib.core.uploads.get_upload import require_upload
from chalicelib.core.uploads.sign_urls import part_count

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompleteUpload:
    """Complete the owner's upload. Without the parts, S3 is asked which it has."""

    owner: str
    file_id: UUID
    parts: Sequence[PartRef] | None = None


def complete_upload(command: CompleteUpload, *, files: Files, storage: Storage) -> File:
    """Return the file, whose bytes are all there. At most two statements and two S3 requests; without
    `command.parts` one more for each 1,000 parts after the first.

    S3 verifies the ETag of each part, the size of all, and the checksum if it was given as CRC64NVME. A repeated
    call returns the file again. The event may have been faster: then the file is processed, or being processed.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_INCOMPLETE, UPLOAD_EXPIRED, DELETED_DURING_UPLOAD,
    STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    file = require_upload(files.get(command.owner, command.file_id))
    if file.status is Status.EXPIRED:
        raise ServiceError(UPLOAD_EXPIRED)
    if file.status is not Status.AWAITING_UPLOAD:
        return file
    if file.multipart_upload_id is None:
        etag = _etag_of_object(file, storage)
        if etag is None:
            raise ServiceError(UPLOAD_INCOMPLETE, reason="S3 doesn't have the file yet")
    else:
        etag = _complete_multipart(file, command.parts, storage)
    uploaded = files.mark_uploaded(command.owner, file.id, etag)
    if uploaded is None:
        storage.delete(file.object_key)
        raise ServiceError(DELETED_DURING_UPLOAD)
    return uploaded


def _complete_multipart(file: File, parts: Sequence[PartRef] | None, storage: Storage) -> str:
    """Complete S3's multipart upload and return the object's ETag."""
    assert file.multipart_upload_id is not None
    try:
        if parts is None:
            parts = _list_parts(file, storage)
        _check_numbers(file, parts)
        return storage.complete_multipart_upload(
            file.object_key, file.multipart_upload_id, parts, size=file.size, checksum=file.checksum
        )
    except PartsRejectedError as error:
        raise ServiceError(UPLOAD_INCOMPLETE, reason=error.reason) from None
    except (MultipartUploadMissingError, ObjectExistsError):
        etag = _etag_of_object(file, storage)
        if etag is None:
            raise ServiceError(UPLOAD_EXPIRED) from None
        return etag


def _list_parts(file: File, storage: Storage) -> list[PartRef]:
    assert file.multipart_upload_id is not None
    uploaded = storage.list_parts(file.object_key, file.multipart_upload_id)
    if uploaded is None:
        raise MultipartUploadMissingError
    return [PartRef(number=part.number, etag=part.etag) for part in uploaded]


def _check_numbers(file: File, parts: Sequence[PartRef]) -> None:
    """Raise ServiceError(UPLOAD_INCOMPLETE) unless these are the parts of the file, each once and in order."""
    numbers = [part.number for part in parts]
    if file.part_size is None:
        return  # the client has chosen the sizes
    expected = range(1, part_count(file) + 1)
    if numbers == list(expected):
        return
    if missing := sorted(set(expected) - set(numbers)):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        reason = f"part {missing[0]}{more} of {len(expected)} is missing"
    else:
        reason = f"its parts must be 1 to {len(expected)}, each once and in ascending order"
    raise ServiceError(UPLOAD_INCOMPLETE, reason=reason)


def _etag_of_object(file: File, storage: Storage) -> str | None:
    """Return the ETag of the file's object; None if there is none. One request."""
    head = storage.head(file.object_key)
    return None if head is None else head.etag
