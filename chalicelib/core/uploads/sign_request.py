"""Sign a request to S3 that a client makes itself: Uppy's `signRequest`.

The service isn't told the id of a multipart upload that a client has created. The first later request names it,
and binds it to the file.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import UNSUPPORTED_REQUEST, UPLOAD_NOT_FOUND, ServiceError
from chalicelib.core.files.filenames import is_storable
from chalicelib.core.files.model import File
from chalicelib.core.log_context import bind_request_file
from chalicelib.core.storage import PresignedRequests
from chalicelib.core.uploads.begin_form_upload import FORM_EXPIRY, BeginFormUpload, begin_form_upload
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.get_upload import require_open
from chalicelib.core.uploads.limits import FIRST_CHECK, URL_LIFETIME, UploadLimits
from chalicelib.core.uploads.model import MultipartRef
from chalicelib.core.uploads.ports import Uploads
from chalicelib.core.uploads.sign_urls import url_lifetime
from chalicelib.core.uploads.unsized_file import UnsizedFile, new_unsized_file

Method = Literal["GET", "PUT", "POST", "DELETE"]

UUID_PREFIX = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-(?=.)", re.DOTALL)
"""What Uppy puts before a file's name to make the key that it asks for."""


class SignRequest(Struct, frozen=True, kw_only=True):
    """Sign a request. `key` is S3's; in the first request of an upload, which gets the id `file_id`, the last part
    of it is the file's name."""

    owner: str
    """Whose file an upload becomes that begins now."""
    owners: Owners
    """Whose uploads the request may continue."""
    file_id: UUID
    method: Method
    key: str
    upload_id: str | None = None
    part_number: int | None = None
    declared_type: str | None = None
    accepts_form: bool = False
    """Whether the client sends a form if it gets one instead of the URL of a PUT."""


class SignedRequest(Struct, frozen=True):
    """What the client sends to S3. It needs no headers."""

    url: str
    key: str
    """Of the object."""
    fields: Mapping[str, str] | None = None
    """If it sends a form by POST instead of the request that it asked for."""


def sign_request(
    command: SignRequest,
    *,
    uploads: Uploads,
    completion: Completion,
    public_storage: PresignedRequests,
    limits: UploadLimits,
) -> SignedRequest:
    """Return the signed request. One statement and no S3 request; one statement more for the first request that
    names the multipart upload, and for one that aborts it. Before it is completed, S3 is asked for its parts.

    A whole file is sent as a form where the client can do that: S3 limits the size of a form, and not that of a
    PUT. A larger file is rejected when it has arrived.

    Raises ServiceError: INVALID_NAME, UNSUPPORTED_REQUEST, UPLOAD_NOT_FOUND, UPLOAD_FINISHED, UPLOAD_EXPIRED,
    FILE_TOO_LARGE, QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE.
    """
    if command.upload_id is None:
        return _sign_first_request(command, uploads, public_storage, limits)
    if (command.method == "PUT") != (command.part_number is not None):
        raise ServiceError(UNSUPPORTED_REQUEST)
    if not (is_storable(command.key) and is_storable(command.upload_id)):
        raise ServiceError(UPLOAD_NOT_FOUND)
    upload = MultipartRef(command.key, command.upload_id)
    file = uploads.find(command.owners, upload) or uploads.bind(command.owners, upload)
    if file is None or file.part_size is not None:  # S3 would not hold it to the size and checksum of its row
        raise ServiceError(UPLOAD_NOT_FOUND)
    url = _sign_later_request(command, upload, require_open(file), public_storage)
    if command.method == "POST":
        completion.require_size_within_limit(file)
    if command.method == "DELETE":  # the sweep aborts it, if the client doesn't
        uploads.delete(command.owners, file.id)
    return SignedRequest(url, command.key)


def _sign_first_request(
    command: SignRequest, uploads: Uploads, public_storage: PresignedRequests, limits: UploadLimits
) -> SignedRequest:
    """Add a row, and return the request that uploads a whole file, or creates a multipart upload."""
    if command.part_number is not None or command.method not in {"PUT", "POST"}:
        raise ServiceError(UNSUPPORTED_REQUEST)
    name = UUID_PREFIX.sub("", command.key.rpartition("/")[2], count=1)
    announced = UnsizedFile(name=name, declared_type=command.declared_type)
    if command.method == "PUT" and command.accepts_form:
        begin = BeginFormUpload(command.owner, command.file_id, announced)
        form = begin_form_upload(begin, uploads=uploads, public_storage=public_storage, limits=limits).form
        return SignedRequest(form.url, form.fields["key"], form.fields)
    bind_request_file(command.file_id)
    new = new_unsized_file(command.owner, command.file_id, announced)
    lifetime, expires_in = min(URL_LIFETIME, limits.expires_in), limits.expires_in
    if command.method == "PUT":
        url = public_storage.unsized_put_url(new.object_key, lifetime=lifetime)
        expires_in = min(FORM_EXPIRY, expires_in)
    else:
        url = public_storage.create_multipart_upload_url(new.object_key, lifetime=lifetime)
    uploads.add(new, expires_in, FIRST_CHECK, quotas=limits.owners.of(command.owner).quotas)
    return SignedRequest(url, new.object_key)


def _sign_later_request(
    command: SignRequest, upload: MultipartRef, file: File, public_storage: PresignedRequests
) -> str:
    """Return the URL of a request to the multipart upload. Raises ServiceError: UPLOAD_EXPIRED,
    STORAGE_UNAVAILABLE."""
    key, upload_id, lifetime = upload.object_key, upload.upload_id, url_lifetime(file, datetime.now(UTC))
    if command.part_number is not None:
        return public_storage.part_url(key, upload_id, command.part_number, size=None, lifetime=lifetime)
    if command.method == "GET":
        return public_storage.list_parts_url(key, upload_id, lifetime=lifetime)
    if command.method == "POST":
        return public_storage.complete_multipart_upload_url(key, upload_id, lifetime=lifetime)
    return public_storage.abort_multipart_upload_url(key, upload_id, lifetime=lifetime)
