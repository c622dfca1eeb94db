"""Return an upload's state, with which a client goes on after a crash."""

from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import UPLOAD_EXPIRED, UPLOAD_FINISHED, UPLOAD_NOT_FOUND, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.files.statuses import Status
from chalicelib.core.storage import PresignedRequests, Storage
from chalicelib.core.uploads.model import Upload
from chalicelib.core.uploads.sign_urls import sign_upload


class GetUpload(Struct, frozen=True):
    """Return an upload."""

    owners: Owners
    file_id: UUID


def get_upload(command: GetUpload, *, files: Files, storage: Storage, public_storage: PresignedRequests) -> Upload:
    """Return the upload: the parts that S3 has, or a new URL for a whole file. One statement; of a multipart
    upload that isn't complete one S3 request for each 1,000 parts.

    Raises ServiceError: UPLOAD_NOT_FOUND, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE.
    """
    file = require_upload(files.get(command.owners, command.file_id))
    if file.status is not Status.AWAITING_UPLOAD:
        return Upload(file=file)
    if file.multipart_upload_id is not None:
        return Upload(file=file, uploaded_parts=storage.list_parts(file.object_key, file.multipart_upload_id))
    return Upload(file=file) if file.size is None else sign_upload(file, public_storage)


def require_upload(file: File | None) -> File:
    """Return the file. Raises ServiceError(UPLOAD_NOT_FOUND) if there is none."""
    if file is None:
        raise ServiceError(UPLOAD_NOT_FOUND)
    return file


def require_open(file: File) -> File:
    """Return the file if it awaits its bytes. Raises ServiceError: UPLOAD_EXPIRED, UPLOAD_FINISHED."""
    if file.status is Status.EXPIRED:
        raise ServiceError(UPLOAD_EXPIRED)
    if file.status is not Status.AWAITING_UPLOAD:
        raise ServiceError(UPLOAD_FINISHED, status=file.status)
    return file
