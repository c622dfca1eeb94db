"""List the parts that S3 has of an upload, for a client that knows it by its key."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import UPLOAD_EXPIRED, ServiceError
from chalicelib.core.storage import Storage, UploadedPart
from chalicelib.core.uploads.get_upload import require_open, require_upload
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import Uploads


class ListUnsizedParts(Struct, frozen=True):
    """List the parts of an upload."""

    owners: Owners
    upload: MultipartRef


def list_unsized_parts(command: ListUnsizedParts, *, uploads: Uploads, storage: Storage) -> Sequence[UploadedPart]:
    """Return all parts by their numbers. One statement, and one S3 request for each 1,000 parts.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE,
    DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    require_open(require_upload(uploads.find(command.owners, command.upload)))
    parts = storage.list_parts(command.upload.object_key, command.upload.upload_id)
    if parts is None:
        raise ServiceError(UPLOAD_EXPIRED)
    return parts
