"""Parse the request of an upload: a multipart form, or a raw body."""

import re
from urllib.parse import unquote

from chalice.app import Request

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.media_types.names import is_media_type
from chalicelib.core.uploads.upload_file import Upload
from chalicelib.http.errors import EMPTY_BODY, FILE_TOO_LARGE, FORM_TOO_LARGE, INVALID_PARAMETER
from chalicelib.http.params import query_params
from chalicelib.http.request_body import read_complete_body

PATH = "/api/upload"

MULTIPART = "multipart/form-data"
RAW = "application/octet-stream"
ACCEPTED_BODIES = f"{MULTIPART}, or {RAW} with `?name=`"

FORM_OVERHEAD = 16 * 1024
"""Bytes that a form may have beside the file: boundaries, headers, other fields."""


def parse_upload(request: Request, max_bytes: int) -> Upload:
    """Return the file that the request contains, of at most `max_bytes`.

    Raises ServiceError: EMPTY_BODY, FILE_TOO_LARGE, FORM_TOO_LARGE, INVALID_NAME, INVALID_PARAMETER,
    LENGTH_REQUIRED, MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES.
    """
    body = read_complete_body(request)
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith(MULTIPART):
        upload = _parse_form(body, content_type, max_bytes)
    else:
        _enforce_size_limit(body, max_bytes)
        upload = _parse_raw_body(request, body)
    return upload


def _parse_form(body: bytes, content_type: str, max_bytes: int) -> Upload:
    """Return the form's file. A form that is too large for any file within the limit is not parsed."""
    if not body:
        raise ServiceError(EMPTY_BODY)
    if len(body) > max_bytes + FORM_OVERHEAD:
        raise ServiceError(FORM_TOO_LARGE, size=len(body), limit=max_bytes, overhead=FORM_OVERHEAD)
    from chalicelib.http.form_data import parse_single_file  # loads a library that only uploads need

    upload = parse_single_file(body, content_type)
    _enforce_size_limit(upload.body, max_bytes)
    return upload


def _enforce_size_limit(content: bytes, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise ServiceError(FILE_TOO_LARGE, size=len(content), limit=max_bytes)


def _parse_raw_body(request: Request, body: bytes) -> Upload:
    params = query_params(request)
    name = params.get("name") or _filename_from_disposition(request.headers.get("content-disposition", ""))
    if not name:
        raise ServiceError(
            INVALID_NAME, reason="it is missing; send it in `?name=`, or in a Content-Disposition header"
        )
    return Upload(clean_filename(name), _validate_media_type(params.get("type")), body)


def _validate_media_type(declared: str | None) -> str | None:
    if declared and not is_media_type(declared):
        raise ServiceError(INVALID_PARAMETER, name="type", reason="must be a media type such as image/png")
    return declared or None


def _filename_from_disposition(disposition: str) -> str | None:
    """Return the header's file name: the UTF-8 one (`filename*`, RFC 8187), otherwise the plain one."""
    extended = re.search(r"filename\*\s*=\s*utf-8'[^']*'([^;\s]*)", disposition, re.IGNORECASE)
    try:
        if extended:
            return unquote(extended.group(1), errors="strict")
        from python_multipart.multipart import parse_options_header  # only uploads need it

        _, options = parse_options_header(disposition)
        return options.get(b"filename", b"").decode()
    except UnicodeError:
        raise ServiceError(INVALID_NAME, reason="it is not UTF-8") from None
