"""Add the row of a file whose bytes the client sends to S3 itself."""

import logging
from datetime import timedelta

from msgspec import Struct

from chalicelib.core.errors import DAILY_QUOTA_EXCEEDED, QUOTA_EXCEEDED, ServiceError
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.storage import MultipartUploads
from chalicelib.core.uploads.limits import FIRST_CHECK
from chalicelib.core.uploads.ports import IdempotentRequest, Uploads

log = logging.getLogger(__name__)


class AddUpload(Struct, frozen=True):
    """Add a row for the file, whose multipart upload, if it has one, exists in S3 already."""

    new: NewFile
    expires_in: timedelta
    request: IdempotentRequest | None = None
    quotas: Quotas = UNLIMITED
    """The owner's."""


def add_upload(command: AddUpload, *, uploads: Uploads, storage: MultipartUploads) -> File:
    """Add the row and return it, or the one that an earlier request with the same key has added. One statement.

    The multipart upload of a row that isn't added is aborted: one S3 request. If that fails, the bucket's
    lifecycle aborts it. A row that was added although the response was lost is deleted then,
    because no parts can be sent.

    Raises ServiceError: QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    new = command.new
    try:
        file = uploads.add(new, command.expires_in, FIRST_CHECK, command.request, command.quotas)
    except ServiceError as error:
        if error.kind in {QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED}:
            _abort(new, storage)
        else:
            _undo(new, uploads, storage)
        raise
    except Exception:
        _undo(new, uploads, storage)
        raise
    if file.id != new.id:
        _abort(new, storage)
    return file


def _undo(new: NewFile, uploads: Uploads, storage: MultipartUploads) -> None:
    """Abort the multipart upload of a row of which only the database knows whether it was added.

    If the row can't be deleted now, the sweep expires it. No client has its URLs, unless the same request is sent
    again before.
    """
    if new.multipart_upload_id is None:
        return
    try:
        uploads.delete(new.owner, new.id)
    except ServiceError:
        log.exception("the row of an upload may be left, whose multipart upload is aborted")
    _abort(new, storage)


def _abort(new: NewFile, storage: MultipartUploads) -> None:
    """Abort the multipart upload of a row that was not added."""
    if new.multipart_upload_id is None:
        return
    try:
        storage.abort_multipart_upload(new.object_key, new.multipart_upload_id)
    except ServiceError:
        log.exception("a multipart upload without a row could not be aborted; the bucket's lifecycle will do it")
