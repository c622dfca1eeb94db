"""Presigned URLs that serve a file's content and thumbnail from the storage itself."""

import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from chalicelib.core.errors import CONTENT_MISSING, NO_THUMBNAIL, NOT_UPLOADED, OBJECT_MISSING, ServiceError
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.files.statuses import STORED
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.processing.processor_result import THUMBNAIL_TYPE
from chalicelib.core.storage import Storage

LIFETIME = timedelta(minutes=5)

INLINE_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain"}
)
"""Types that a browser may show in place because they can't run a script. Any other is saved to disk."""


@dataclass(frozen=True, slots=True)
class GetContentUrl:
    """Get a URL of the content of the owner's file."""

    owner: str
    file_id: UUID


@dataclass(frozen=True, slots=True)
class GetThumbnailUrl:
    """Get a URL of the thumbnail of the owner's file."""

    owner: str
    file_id: UUID


def get_content_url(command: GetContentUrl, *, files: Files, storage: Storage) -> str:
    """Return a presigned URL of exactly the bytes that were uploaded, under the file's current name. One
    statement.

    The response's Content-Type is the detected type, never the declared one: an HTML page that is declared as an
    image must not be shown as a page. The storage isn't asked whether it has the object: if it was lost since the
    file was processed, the URL's response is the storage's own error.

    Raises ServiceError: FILE_NOT_FOUND, NOT_UPLOADED, CONTENT_MISSING, DATABASE_UNAVAILABLE.
    """
    file = require_file(files.get(command.owner, command.file_id))
    if file.status not in STORED:
        raise ServiceError(NOT_UPLOADED, status=file.status)
    if file.failure is not None and file.failure.code == OBJECT_MISSING.code:
        raise ServiceError(CONTENT_MISSING)
    media_type = file.detected_type or UNKNOWN
    return storage.download_url(
        file.object_key,
        media_type=media_type + _charset(file),
        disposition=content_disposition("inline" if media_type in INLINE_TYPES else "attachment", file.name),
        lifetime=LIFETIME,
    )


def get_thumbnail_url(command: GetThumbnailUrl, *, files: Files, storage: Storage) -> str:
    """Return a presigned URL of the thumbnail. One statement.

    Raises ServiceError: FILE_NOT_FOUND, NO_THUMBNAIL, DATABASE_UNAVAILABLE.
    """
    file = require_file(files.get(command.owner, command.file_id))
    if file.thumbnail_key is None:
        raise ServiceError(NO_THUMBNAIL)
    return storage.download_url(
        file.thumbnail_key, media_type=THUMBNAIL_TYPE, disposition="inline", lifetime=LIFETIME
    )


def _charset(file: File) -> str:
    """Return the `charset` parameter of a text's type: a browser would guess the encoding wrong."""
    if not (file.detected_type or "").startswith("text/"):
        return ""
    encoding = next((facts.get("encoding") for facts in (file.result or {}).values()), None)
    if not encoding:
        return ""
    return f"; charset={encoding.removesuffix('-sig')}"  # Python's name of UTF-8 with a byte order mark


def content_disposition(disposition: str, name: str) -> str:
    """Return a Content-Disposition header: the name in UTF-8 (RFC 8187), and an ASCII one for old clients."""
    plain = re.sub(r'[^ -~]+|["\\%]', "_", name)
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
