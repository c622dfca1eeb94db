"""Begin an upload in parts whose client chooses their sizes, and doesn't tell that of the file."""

from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from chalicelib.core.files.model import File
from chalicelib.core.log_context import bind_request_file
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.storage import Storage
from chalicelib.core.uploads.add_upload import AddUpload, add_upload
from chalicelib.core.uploads.limits import UploadLimits
from chalicelib.core.uploads.ports import Uploads
from chalicelib.core.uploads.unsized_file import UnsizedFile, new_unsized_file


class BeginMultipartUpload(Struct, frozen=True):
    """Begin an upload of the owner's, under a new id."""

    owner: str
    file_id: UUID
    announced: UnsizedFile


def begin_multipart_upload(
    command: BeginMultipartUpload, *, uploads: Uploads, storage: Storage, limits: UploadLimits
) -> File:
    """Create S3's multipart upload, add a row and return the file. One S3 request and one statement.

    `add_upload` aborts the multipart upload if the row can't be added.

    Raises ServiceError: INVALID_NAME, QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, STORAGE_UNAVAILABLE,
    DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    bind_request_file(command.file_id)
    new = new_unsized_file(command.owner, command.file_id, command.announced)
    upload_id = storage.create_multipart_upload(new.object_key, new.declared_type or UNKNOWN)
    new = replace(new, multipart_upload_id=upload_id)
    add = AddUpload(new, limits.expires_in, quotas=limits.owners.of(command.owner).quotas)
    return add_upload(add, uploads=uploads, storage=storage)
