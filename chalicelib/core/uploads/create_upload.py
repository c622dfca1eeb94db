"""Create an upload: the row of a file whose bytes the client then sends to S3 itself."""

import hashlib
import json
from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct, field, to_builtins

from chalicelib.core.errors import FILE_TOO_LARGE, IDEMPOTENCY_KEY_REUSED, UPLOAD_EXPIRED, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.metadata import check_metadata
from chalicelib.core.files.model import Checksum, NewFile
from chalicelib.core.files.object_keys import object_key
from chalicelib.core.files.statuses import Status
from chalicelib.core.log_context import bind_request_file
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.storage import PresignedRequests, Storage
from chalicelib.core.uploads.add_upload import AddUpload, add_upload
from chalicelib.core.uploads.limits import UploadLimits, part_size_for
from chalicelib.core.uploads.model import Upload
from chalicelib.core.uploads.ports import IdempotentRequest, Uploads
from chalicelib.core.uploads.sign_urls import sign_upload


class AnnouncedFile(Struct, frozen=True, kw_only=True):
    """A file as its client announces it."""

    name: str
    size: int
    """Bytes."""
    declared_type: str | None = None
    checksum: Checksum | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


class CreateUpload(Struct, frozen=True):
    """Create an upload of the owner's, under a new id. The same idempotency key again returns the same upload."""

    owner: str
    file_id: UUID
    announced: AnnouncedFile
    idempotency_key: str | None = None


def create_upload(
    command: CreateUpload,
    *,
    uploads: Uploads,
    storage: Storage,
    public_storage: PresignedRequests,
    limits: UploadLimits,
) -> Upload:
    """Add a row and return the upload with its URLs. One statement; one S3 request if the file is uploaded in
    parts, and another one if the upload exists already.

    S3's multipart upload is created first, so that the row needs one statement. `add_upload` aborts it if the row
    can't be added. `public_storage` signs for the client's network.

    Raises ServiceError: INVALID_NAME, INVALID_METADATA, FILE_TOO_LARGE, QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED,
    IDEMPOTENCY_KEY_REUSED, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    announced, request, of_owner = command.announced, _idempotent_request(command), limits.owners.of(command.owner)
    if announced.size > of_owner.max_file_bytes:
        raise ServiceError(FILE_TOO_LARGE, size=announced.size, limit=of_owner.max_file_bytes)
    bind_request_file(command.file_id)
    new = _new_file(command, storage, limits)
    add = AddUpload(new, limits.expires_in, request, of_owner.quotas)
    file = add_upload(add, uploads=uploads, storage=storage)
    if request and file.request_digest != request.digest:
        raise ServiceError(IDEMPOTENCY_KEY_REUSED)
    if file.status is Status.EXPIRED:
        raise ServiceError(UPLOAD_EXPIRED)
    return sign_upload(file, public_storage) if file.status is Status.AWAITING_UPLOAD else Upload(file=file)


def _new_file(command: CreateUpload, storage: Storage, limits: UploadLimits) -> NewFile:
    """Return the file, for which S3's multipart upload was created if it is uploaded in parts."""
    announced = command.announced
    name, metadata = clean_filename(announced.name), check_metadata(announced.metadata)
    key = object_key(command.file_id, name)
    in_parts = announced.size > limits.multipart_threshold
    return NewFile(
        id=command.file_id,
        owner=command.owner,
        name=name,
        object_key=key,
        size=announced.size,
        declared_type=announced.declared_type,
        checksum=announced.checksum,
        metadata=metadata,
        part_size=part_size_for(announced.size) if in_parts else None,
        multipart_upload_id=(
            storage.create_multipart_upload(key, announced.declared_type or UNKNOWN, announced.checksum)
            if in_parts
            else None
        ),
    )


def _idempotent_request(command: CreateUpload) -> IdempotentRequest | None:
    if command.idempotency_key is None:
        return None
    content = json.dumps(to_builtins(command.announced), sort_keys=True)
    return IdempotentRequest(command.idempotency_key, hashlib.sha256(content.encode()).hexdigest())
