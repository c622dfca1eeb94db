"""The file in a multipart form. Chalice has no parser for it (aws/chalice#796)."""

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from chalicelib.core.errors import INVALID_NAME, MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.media_types import is_media_type
from chalicelib.core.uploads.upload_file import Upload

FIELD = "file"

_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""What browsers and curl put for the three characters that would end a name.
https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""


def single_file(body: bytes, content_type: str) -> Upload:
    """Return the one file of the form, which is in the field `file`. Fields without a file are ignored, and so is
    a declared type that isn't one: old clients send all sorts.

    Raises ServiceError: MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES, INVALID_NAME.
    """
    files = [file for file in _files(body, content_type) if file.file_name or file.size]
    if len(files) > 1:
        raise ServiceError(TOO_MANY_FILES, count=len(files))
    if not files or files[0].field_name != FIELD.encode():
        raise ServiceError(MISSING_FILE)
    file = files[0]
    file.file_object.seek(0)
    declared = file.content_type if is_media_type(file.content_type or "") else None
    return Upload(_name(file.file_name or b""), declared, file.file_object.read())


def _files(body: bytes, content_type: str) -> list[File]:
    _, options = parse_options_header(content_type)
    files: list[File] = []
    ends: list[bool] = []
    try:
        parser = FormParser(
            "multipart/form-data",
            on_field=_ignore,
            on_file=files.append,
            on_end=lambda: ends.append(True),
            boundary=options.get(b"boundary"),
            config={"MAX_MEMORY_FILE_SIZE": len(body) + 1, "UPLOAD_ERROR_ON_BAD_CTE": True},
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as fault:
        raise ServiceError(MALFORMED_BODY, reason=f"as a form it is broken ({fault})") from fault
    if not ends:
        raise ServiceError(MALFORMED_BODY, reason="as a form it has no end; its last part may be cut off")
    return files


def _ignore(field: Field) -> None:
    """The service that this one replaces ignored fields such as `id`, and its clients may send them."""


def _name(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise ServiceError(INVALID_NAME, reason="it isn't UTF-8") from None
    for escape, character in _ESCAPES.items():
        name = name.replace(escape, character)
    return clean_filename(name)
