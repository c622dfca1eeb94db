"""Parse the file out of a multipart form. Chalice has no parser for it (aws/chalice#796)."""

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from chalicelib.core.errors import INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.media_types.names import is_media_type
from chalicelib.core.uploads.upload_file import ReceivedFile
from chalicelib.http.errors import MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES
from chalicelib.http.form_delimiters import reduce_to_parts

FIELD = "file"

_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""What browsers and curl send for the three characters that would end a name.
https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""


def parse_single_file(body: bytes, content_type: str) -> ReceivedFile:
    """Return the one file of the form, from its field `file`. Fields without a file are ignored, and so is an
    invalid declared type, because existing clients send them.

    Raises ServiceError: MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES, INVALID_NAME.
    """
    files = [file for file in _parse_files(body, content_type) if file.file_name or file.size]
    if len(files) > 1:
        raise ServiceError(TOO_MANY_FILES, count=len(files))
    if not files or files[0].field_name != FIELD.encode():
        raise ServiceError(MISSING_FILE)
    file = files[0]
    file.file_object.seek(0)
    declared_type = file.content_type if is_media_type(file.content_type or "") else None
    return ReceivedFile(_decode_filename(file.file_name or b""), declared_type, file.file_object.read())


def _parse_files(body: bytes, content_type: str) -> list[File]:
    _, options = parse_options_header(content_type.encode("ascii", "replace").decode())
    boundary = options.get(b"boundary")
    body = reduce_to_parts(body, boundary) if boundary else body
    files: list[File] = []
    ends: list[bool] = []
    try:
        parser = FormParser(
            "multipart/form-data",
            on_field=_ignore_field,
            on_file=files.append,
            on_end=lambda: ends.append(True),
            boundary=boundary,
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1, "UPLOAD_ERROR_ON_BAD_CTE": True},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise ServiceError(MALFORMED_BODY, reason=f"it is not a valid form ({error})") from error
    if not ends:
        raise ServiceError(MALFORMED_BODY, reason="the form has no closing boundary, so it may be truncated")
    return files


def _ignore_field(field: Field) -> None:
    """The service that this one replaces ignored fields such as `id`, and its clients may send them."""


def _decode_filename(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise ServiceError(INVALID_NAME, reason="it is not UTF-8") from None
    for escape, character in _ESCAPES.items():
        name = name.replace(escape, character)
    return clean_filename(name)
