"""Sign URLs of parts whose sizes their client chooses."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.model import File
from chalicelib.core.storage import PresignedRequests
from chalicelib.core.uploads.get_upload import require_open, require_upload
from chalicelib.core.uploads.limits import size_of_part
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import Uploads
from chalicelib.core.uploads.sign_urls import url_lifetime


class SignUnsizedParts(Struct, frozen=True):
    """Sign the URLs of these parts of an upload."""

    owners: Owners
    upload: MultipartRef
    numbers: Sequence[int]


class SignedParts(Struct, frozen=True):
    """URLs of parts."""

    urls: Mapping[int, str]
    """By the number of the part."""
    lifetime: timedelta


def sign_unsized_parts(
    command: SignUnsizedParts, *, uploads: Uploads, public_storage: PresignedRequests
) -> SignedParts:
    """Return the URLs. One statement and no S3 request.

    They accept parts of any size, except where the service itself has divided the file into parts.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE,
    DATABASE_UNAVAILABLE.
    """
    file = require_open(require_upload(uploads.find(command.owners, command.upload)))
    lifetime = url_lifetime(file, datetime.now(UTC))
    key, upload_id = command.upload.object_key, command.upload.upload_id
    urls = {
        number: public_storage.part_url(key, upload_id, number, size=_size(file, number), lifetime=lifetime)
        for number in command.numbers
    }
    return SignedParts(urls, lifetime)


def _size(file: File, number: int) -> int | None:
    """Return the size that the part must have; None if any."""
    if file.size is None or file.part_size is None:
        return None
    return size_of_part(number, file.size, file.part_size)
