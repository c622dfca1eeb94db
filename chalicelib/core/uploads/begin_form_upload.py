"""Begin an upload whose client sends the whole file in a form, and doesn't tell its size."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from chalicelib.core.log_context import bind_request_file
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.storage import PresignedRequests
from chalicelib.core.uploads.limits import FIRST_CHECK, URL_LIFETIME, UploadLimits
from chalicelib.core.uploads.model import FormUpload
from chalicelib.core.uploads.ports import Uploads
from chalicelib.core.uploads.unsized_file import UnsizedFile, new_unsized_file

FORM_EXPIRY = timedelta(days=1)
"""After this time the file expires. Its client can't get another form for it, so what hasn't begun to arrive
within URL_LIFETIME won't; what takes longer than this is stored and processed nevertheless."""


class BeginFormUpload(Struct, frozen=True):
    """Begin an upload of the owner's, under a new id."""

    owner: str
    file_id: UUID
    announced: UnsizedFile


def begin_form_upload(
    command: BeginFormUpload, *, uploads: Uploads, public_storage: PresignedRequests, limits: UploadLimits
) -> FormUpload:
    """Add a row and return the form. S3 refuses a file above the limit. One statement and no S3 request.

    Raises ServiceError: INVALID_NAME, QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, STORAGE_UNAVAILABLE,
    DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    bind_request_file(command.file_id)
    new = new_unsized_file(command.owner, command.file_id, command.announced)
    owner_limits = limits.owners.of(command.owner)
    lifetime = min(URL_LIFETIME, limits.expires_in)
    form = public_storage.post_form(
        new.object_key,
        media_type=new.declared_type or UNKNOWN,
        max_bytes=owner_limits.max_file_bytes,
        lifetime=lifetime,
    )
    uploads.add(new, min(FORM_EXPIRY, limits.expires_in), FIRST_CHECK, quotas=owner_limits.quotas)
    return FormUpload(form, lifetime)
