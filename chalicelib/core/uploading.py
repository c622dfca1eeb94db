"""Taking a file whose bytes came with the request."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from chalicelib.core.errors import DELETED_DURING_UPLOAD, ServiceError
from chalicelib.core.files import Checksum, File, NewFile
from chalicelib.core.log_context import note_file
from chalicelib.core.measures import Measure, Metrics
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.names import object_key
from chalicelib.core.ports import Files, Storage

PUT_TAKES_AT_MOST = timedelta(minutes=5)
"""Far more than a request may last (29 s): whatever awaits its bytes still has lost its request."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client handed in."""

    name: str
    declared_type: str | None
    body: bytes


def upload(upload: Upload, file_id: UUID, owner: str, *, files: Files, storage: Storage, metrics: Metrics) -> File:
    """Store the bytes and return the file. Two statements and one S3 request.

    The row is written first: the object's event may arrive before this function gets any further. If the
    storage fails, the row stays in `awaiting_upload`, because a request without an answer may have stored
    the bytes all the same: then its event finds the row, and otherwise the row expires.

    Raises ServiceError: STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, DELETED_DURING_UPLOAD.
    """
    note_file(file_id)
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
    )
    files.add(new, PUT_TAKES_AT_MOST)
    etag = storage.put(key, upload.body, upload.declared_type or UNKNOWN, checksum)
    stored = files.mark_uploaded(owner, file_id, etag)
    if stored is None:
        storage.delete(key)
        raise ServiceError(DELETED_DURING_UPLOAD)
    metrics.add(Measure.UPLOADS)
    return stored
