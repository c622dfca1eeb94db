"""An upload's request to what was handed in: a form, or a raw body."""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from chalice.app import Request
from python_multipart.multipart import parse_options_header

from chalicelib.core.errors import (
    EMPTY_BODY,
    FILE_TOO_LARGE,
    INVALID_NAME,
    INVALID_PARAMETER,
    ServiceError,
)
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.media_types import is_media_type
from chalicelib.core.uploads.upload_file import Upload
from chalicelib.http.bodies import whole_body
from chalicelib.http.multipart import single_file

FORM = "multipart/form-data"
RAW = "application/octet-stream"

FORM_OVERHEAD = 16 * 1024
"""Bytes that a form may hold beside the file: boundaries, headers, other fields."""


def read_upload(request: Request, limit: int) -> Upload:
    """Return the file that the request carries, of at most `limit` bytes.

    Raises ServiceError: EMPTY_BODY, FILE_TOO_LARGE, INVALID_NAME, INVALID_PARAMETER, LENGTH_REQUIRED,
    MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES.
    """
    body = whole_body(request)
    content_type = request.headers.get("content-type", "")
    if not content_type.lower().startswith(FORM):
        return _raw_upload(request, _within(body, limit))
    if not body:
        raise ServiceError(EMPTY_BODY)
    upload = single_file(_within(body, limit + FORM_OVERHEAD), content_type)
    _within(upload.body, limit)
    return upload


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise ServiceError(FILE_TOO_LARGE, size=len(body), limit=limit)
    return body


def _raw_upload(request: Request, body: bytes) -> Upload:
    parameters: Mapping[str, str] = request.query_params or {}
    name = parameters.get("name") or _name_in(request.headers.get("content-disposition", ""))
    if not name:
        raise ServiceError(INVALID_NAME, reason="send it in `?name=`, or in a Content-Disposition header")
    return Upload(clean_filename(name), _checked_media_type(parameters.get("type")), body)


def _checked_media_type(declared: str | None) -> str | None:
    if declared and not is_media_type(declared):
        raise ServiceError(INVALID_PARAMETER, name="type", reason="must be a media type such as image/png")
    return declared or None


def _name_in(disposition: str) -> str | None:
    """Return the header's file name: the one in UTF-8 (`filename*`, RFC 8187) before the plain one."""
    extended = re.search(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]*)", disposition, re.IGNORECASE)
    try:
        if extended:
            return unquote(extended.group(1), errors="strict")
        _, options = parse_options_header(disposition)
        return options.get(b"filename", b"").decode()
    except UnicodeError:
        raise ServiceError(INVALID_NAME, reason="it isn't UTF-8") from None
