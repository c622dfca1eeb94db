"""Presigned URLs that serve a file's content and thumbnail from the storage itself."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from msgspec import Struct

from chalicelib.core.accounts.model import Owners
from chalicelib.core.errors import (
    ATTEMPTS_EXHAUSTED,
    CONTENT_MISSING,
    NO_THUMBNAIL,
    NOT_UPLOADED,
    OBJECT_MISSING,
    SCAN_FAILED,
    TYPE_UNKNOWN,
    ServiceError,
)
from chalicelib.core.files.get_file import require_file
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files
from chalicelib.core.files.statuses import STORED
from chalicelib.core.limits.media_types import are_types_limited
from chalicelib.core.limits.model import Limits
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.processing.processor_result import THUMBNAIL_TYPE
from chalicelib.core.scanning.clean_verdict import require_clean
from chalicelib.core.storage import Objects, PresignedRequests

LIFETIME = timedelta(minutes=5)

INLINE_TYPES = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "application/pdf", "text/plain"}
)
"""Types that a browser may show in place, because nothing in them runs as a page of the storage's origin: images
are pixels, text stays text, and viewers of PDF run its scripts in a sandbox of their own. Any other is saved to
disk: HTML, SVG and all XML (a stylesheet can make HTML of it), mail and MHTML, and what is unknown. A type is
inline only if it is exactly one of these, so no parameter changes its meaning.
https://mimesniff.spec.whatwg.org/#scriptable-mime-type"""

CHARSETS = {
    "ascii": "us-ascii",
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
    "utf-32": "utf-32",  # which other clients know
    "iso2022-jp": "iso-2022-jp",
}
"""The names that clients know, by Python's, of encodings that can be certain.
https://encoding.spec.whatwg.org/#names-and-labels"""

SAMPLE_OF_EARLIER_VERSIONS = 64 * 1024
"""Bytes from which earlier versions detected the encoding."""


class GetContentUrl(Struct, frozen=True):
    """Get a URL of the content of a file."""

    owners: Owners
    file_id: UUID
    must_be_clean: bool
    """Whether a malware scan must have found the object clean."""
    to_be_saved: bool = False
    """Whether a browser is to save the file, also one of a type that it may show in place."""


class GetThumbnailUrl(Struct, frozen=True):
    """Get a URL of the thumbnail of a file."""

    owners: Owners
    file_id: UUID
    must_be_clean: bool
    """Whether a malware scan must have found the object clean that the thumbnail was made from."""


def get_content_url(
    command: GetContentUrl, *, files: Files, objects: Objects, storage: PresignedRequests, limits: Limits
) -> str:
    """Return a presigned URL of exactly the bytes that were uploaded, under the file's current name. One
    statement, and one request where the object must be clean: by `objects`, because `storage` signs for clients,
    who may reach it under another address.

    The response's Content-Type is the detected type, never the declared one: an HTML page that is declared as an
    image must not be shown as a page. Where no scan is required, the storage isn't asked whether it has the
    object: if it was lost since the file was processed, the URL's response is the storage's own error.

    Where types are limited, the type must be known. Otherwise who lets the detection fail could pass on a type
    that isn't allowed.

    Raises ServiceError: FILE_NOT_FOUND, NOT_UPLOADED, TYPE_UNKNOWN, CONTENT_MISSING, SCAN_PENDING,
    SCAN_UNSUPPORTED, SCAN_FAILED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, STORAGE_UNAVAILABLE also without
    credentials to sign with.
    """
    file = require_file(files.get(command.owners, command.file_id))
    if file.status not in STORED:
        raise ServiceError(NOT_UPLOADED, status=file.status)
    if file.failure is not None and file.failure.code == OBJECT_MISSING.code:
        raise ServiceError(CONTENT_MISSING)
    if file.detected_type is None and are_types_limited(limits.of(file.owner)):
        raise ServiceError(TYPE_UNKNOWN)
    if command.must_be_clean:
        _require_clean_object(file, objects)
    media_type = file.detected_type or UNKNOWN
    inline = media_type in INLINE_TYPES and not command.to_be_saved
    return storage.download_url(
        file.object_key,
        media_type=media_type + _charset(file),
        disposition=content_disposition("inline" if inline else "attachment", file.name),
        lifetime=LIFETIME,
    )


def get_thumbnail_url(command: GetThumbnailUrl, *, files: Files, storage: PresignedRequests) -> str:
    """Return a presigned URL of the thumbnail. One statement.

    Raises ServiceError: FILE_NOT_FOUND, NO_THUMBNAIL, SCAN_PENDING, SCAN_UNSUPPORTED, SCAN_FAILED,
    DATABASE_UNAVAILABLE, STORAGE_UNAVAILABLE without credentials to sign with.
    """
    file = require_file(files.get(command.owners, command.file_id))
    if file.thumbnail_key is None:
        raise ServiceError(NO_THUMBNAIL)
    if command.must_be_clean:
        require_clean(file.scan, file.etag)
    return storage.download_url(
        file.thumbnail_key, media_type=THUMBNAIL_TYPE, disposition="inline", lifetime=LIFETIME
    )


def _require_clean_object(file: File, objects: Objects) -> None:
    """Return if the object that the storage has now was found clean.

    It may have been replaced a moment ago, before the event about that has arrived. A file whose workers died in
    every attempt isn't scanned again by itself, so a client need not wait for its verdict.
    """
    if file.scan is None and file.failure is not None and file.failure.code == ATTEMPTS_EXHAUSTED.code:
        raise ServiceError(SCAN_FAILED)
    require_clean(file.scan, None if file.scan is None else file.scan.etag)
    head = objects.head(file.object_key)
    if head is None:
        raise ServiceError(CONTENT_MISSING)
    require_clean(file.scan, head.etag)


def _charset(file: File) -> str:
    """Return the `charset` parameter of a text's type, if its encoding is certain.

    A wrong one garbles the text in the browser, and readers can't correct it. Without any, the browser guesses.
    """
    if not (file.detected_type or "").startswith("text/"):
        return ""
    facts: dict[str, Any] = next((facts for facts in (file.result or {}).values() if facts.get("encoding")), {})
    label = CHARSETS.get(facts.get("encoding", ""))
    if label is None or not _is_certain(facts, file.size):
        return ""
    return f"; charset={label}"


def _is_certain(facts: dict[str, Any], size: int | None) -> bool:
    """Return whether the encoding was no guess. Results of earlier versions don't say: their
    `utf-8` was detected from SAMPLE_OF_EARLIER_VERSIONS alone."""
    if "encoding_guessed" in facts:
        return not facts["encoding_guessed"]
    return facts["encoding"] != "utf-8" or (size is not None and size <= SAMPLE_OF_EARLIER_VERSIONS)


def content_disposition(disposition: str, name: str) -> str:
    """Return a Content-Disposition header: the name in UTF-8 (RFC 8187), and an ASCII one for old clients."""
    plain = re.sub(r'[^ -~]+|["\\%]', "_", name)
    return f"{disposition}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
