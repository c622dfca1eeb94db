"""Parse the request of an upload: a multipart form, or a raw body."""

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import unquote

from msgspec import Meta, Struct

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.uploads.upload_file import ReceivedFile
from chalicelib.http.declarations import BinaryContent, ReceivedBody
from chalicelib.http.errors import BODY_TOO_LARGE, EMPTY_BODY, FORM_TOO_LARGE
from chalicelib.http.parameter_types import METADATA_FIELDS

MULTIPART = "multipart/form-data"
RAW = "application/octet-stream"


class FileForm(Struct):
    """A form with one file. A field `metadata.KEY` is an entry of the file's metadata. Others are ignored."""

    file: Annotated[BinaryContent, Meta(description="The file, with its name.")]


BODY_TYPES = {MULTIPART: Annotated[FileForm, Meta(extra_json_schema=METADATA_FIELDS)], RAW: BinaryContent}
ACCEPTED_BODIES = f"{MULTIPART}, or {RAW} with `?name=`"

FORM_OVERHEAD = 16 * 1024
"""Bytes that a form may have beside the file: boundaries, headers, other fields. The largest metadata takes less
than half of them."""


def read_upload(
    body: ReceivedBody,
    max_bytes: int,
    name: str | None,
    declared_type: str | None,
    disposition: str | None,
    metadata: Mapping[str, str],
) -> ReceivedFile:
    """Return the file that the body contains, of at most `max_bytes`. `metadata` is the query's, which a form may
    add to. The other arguments are for a raw body; an invalid name is refused with a form, too.

    Raises ServiceError: BODY_TOO_LARGE, EMPTY_BODY, FORM_TOO_LARGE, INVALID_NAME, INVALID_METADATA,
    MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES.
    """
    if name is not None:
        name = clean_filename(name)
    if body.content_type.lower().startswith(MULTIPART):
        return _parse_form(body.content, body.content_type, max_bytes, metadata)
    _enforce_size_limit(body.content, max_bytes)
    if name is None:
        name = _filename_from_disposition(disposition or "")
    if not name:
        raise ServiceError(
            INVALID_NAME, reason="it is missing; send it in `?name=`, or in a Content-Disposition header"
        )
    return ReceivedFile(clean_filename(name), declared_type or None, body.content, metadata)


def _parse_form(body: bytes, content_type: str, max_bytes: int, metadata: Mapping[str, str]) -> ReceivedFile:
    """Return the form's file. A form that is too large for any file within the limit is not parsed."""
    if not body:
        raise ServiceError(EMPTY_BODY)
    if len(body) > max_bytes + FORM_OVERHEAD:
        raise ServiceError(FORM_TOO_LARGE, size=len(body), limit=max_bytes, overhead=FORM_OVERHEAD)
    from chalicelib.http.form_data import parse_single_file  # loads a library that only uploads need

    upload = parse_single_file(body, content_type, metadata)
    _enforce_size_limit(upload.body, max_bytes)
    return upload


def _enforce_size_limit(content: bytes, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise ServiceError(BODY_TOO_LARGE, size=len(content), limit=max_bytes)


def _filename_from_disposition(disposition: str) -> str | None:
    """Return the header's file name: the UTF-8 one (`filename*`, RFC 8187), otherwise the plain one."""
    extended = re.search(r"(?:^|;)\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]*)", disposition, re.IGNORECASE)
    try:
        if extended:
            return unquote(extended.group(1), errors="strict")
        from python_multipart.multipart import parse_options_header  # only uploads need it

        _, options = parse_options_header(disposition)
        return options.get(b"filename", b"").decode()
    except UnicodeError:
        raise ServiceError(INVALID_NAME, reason="it is not UTF-8") from None
