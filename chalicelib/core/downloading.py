"""Handing a file's bytes back, from the storage itself."""

import re
from datetime import timedelta
from urllib.parse import quote

from chalicelib.core.errors import NO_THUMBNAIL, NOT_UPLOADED, ServiceError
from chalicelib.core.files import File
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.ports import Storage
from chalicelib.core.processing.processor_result import THUMBNAIL_TYPE
from chalicelib.core.statuses import STORED

LIFETIME = timedelta(minutes=5)

INLINE_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain"}
)
"""What a browser may show in place: types that can't run a script. Anything else is saved to disk."""


def download_url(file: File, storage: Storage) -> str:
    """Return a presigned URL that gives exactly the bytes that were uploaded, under the file's present name.

    Its Content-Type is what the content was detected as, never what the uploader declared: a page that is
    called an image must not be shown as a page.

    Raises ServiceError(NOT_UPLOADED).
    """
    if file.status not in STORED:
        raise ServiceError(NOT_UPLOADED, status=file.status)
    media_type = file.detected_type or UNKNOWN
    return storage.download_url(
        file.object_key,
        media_type=media_type + _charset(file),
        disposition=content_disposition("inline" if media_type in INLINE_TYPES else "attachment", file.name),
        lifetime=LIFETIME,
    )


def thumbnail_url(file: File, storage: Storage) -> str:
    """Return a presigned URL that shows the thumbnail. Raises ServiceError(NO_THUMBNAIL)."""
    if file.thumbnail_key is None:
        raise ServiceError(NO_THUMBNAIL)
    return storage.download_url(
        file.thumbnail_key, media_type=THUMBNAIL_TYPE, disposition="inline", lifetime=LIFETIME
    )


def _charset(file: File) -> str:
    """Name a text's encoding: a browser would guess wrong."""
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
