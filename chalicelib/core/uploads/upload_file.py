"""Store a file whose bytes came with the request."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from msgspec import Struct, field

from chalicelib.core.errors import DELETED_DURING_UPLOAD, INSUFFICIENT_STORAGE, ServiceError
from chalicelib.core.files.model import Checksum, File, NewFile
from chalicelib.core.files.object_keys import object_key
from chalicelib.core.files.ports import Files
from chalicelib.core.limits.model import Limits
from chalicelib.core.log_context import bind_request_file
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.metrics import Metric, Metrics
from chalicelib.core.storage import Storage

log = logging.getLogger(__name__)

UPLOAD_TIMEOUT = timedelta(minutes=5)
"""Far more than a request may last (29 s): the request of a row that still awaits its bytes has failed."""


class ReceivedFile(Struct, frozen=True):
    """A file as the client sent it."""

    name: str
    declared_type: str | None
    body: bytes
    metadata: Mapping[str, str] = field(default_factory=dict)


class UploadFile(Struct, frozen=True):
    """Store the upload as the owner's file, under a new id."""

    owner: str
    file_id: UUID
    upload: ReceivedFile


def upload_file(command: UploadFile, *, files: Files, storage: Storage, metrics: Metrics, limits: Limits) -> File:
    """Store the bytes and return the file. Two statements and one S3 request.

    The row is written first: the object's event may arrive before this function continues. If the storage fails,
    the row stays in `awaiting_upload`, because a request without a response may have stored the bytes anyway: then
    its event finds the row; otherwise the row expires. If the storage is full, the row is deleted: one statement
    more.

    Raises ServiceError: QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
    INSUFFICIENT_STORAGE, DELETED_DURING_UPLOAD.
    """
    owner, file_id, upload = command.owner, command.file_id, command.upload
    bind_request_file(file_id)
    checksum = Checksum("sha256", sha256(upload.body).hexdigest())
    key = object_key(file_id, upload.name)
    new = NewFile(
        id=file_id,
        owner=owner,
        name=upload.name,
        object_key=key,
        size=len(upload.body),
        declared_type=upload.declared_type,
        checksum=checksum,
        metadata=upload.metadata,
    )
    files.add(new, UPLOAD_TIMEOUT, limits.of(owner).quotas)
    try:
        etag = storage.put(key, upload.body, upload.declared_type or UNKNOWN, checksum)
    except ServiceError as error:
        if error.kind is INSUFFICIENT_STORAGE:
            _delete_row(owner, file_id, files)
        raise
    stored = files.mark_uploaded(owner, file_id, etag)
    if stored is None:
        storage.delete(key)
        raise ServiceError(DELETED_DURING_UPLOAD)
    metrics.add(Metric.UPLOADS)
    return stored


def _delete_row(owner: str, file_id: UUID, files: Files) -> None:
    """Delete the row of an upload that the storage has refused. If that fails, the row expires."""
    try:
        files.delete_leaving_tombstone(owner, file_id)
    except ServiceError:
        log.exception("the row of a refused upload could not be deleted; it will expire")
