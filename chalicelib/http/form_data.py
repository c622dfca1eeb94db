"""Parse the file and its metadata out of a multipart form. Chalice has no parser for it (aws/chalice#796)."""

from collections.abc import Mapping, Sequence

from python_multipart import FormParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, parse_options_header

from chalicelib.core.errors import INVALID_METADATA, INVALID_NAME, ServiceError
from chalicelib.core.files.filenames import clean_filename
from chalicelib.core.files.metadata import check_metadata
from chalicelib.core.media_types.names import is_media_type
from chalicelib.core.uploads.upload_file import ReceivedFile
from chalicelib.http.errors import MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES
from chalicelib.http.form_delimiters import reduce_to_parts
from chalicelib.http.parameter_types import METADATA_PREFIX

FIELD = "file"

_ESCAPES = {"%22": '"', "%0D": "\r", "%0A": "\n"}
"""What browsers and curl send for the three characters that would end a name.
https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data"""


def parse_single_file(body: bytes, content_type: str, metadata: Mapping[str, str] | None = None) -> ReceivedFile:
    """Return the one file of the form, from its field `file`, with the metadata of fields such as `metadata.order`
    added to the given one. Other fields are ignored, and so is an invalid declared type, because existing clients
    send them.

    Raises ServiceError: MALFORMED_BODY, MISSING_FILE, TOO_MANY_FILES, INVALID_NAME, INVALID_METADATA.
    """
    parsed, fields = _parse_parts(body, content_type)
    files = [file for file in parsed if file.file_name or file.size]
    if len(files) > 1:
        raise ServiceError(TOO_MANY_FILES, count=len(files))
    if not files or files[0].field_name != FIELD.encode():
        raise ServiceError(MISSING_FILE)
    file = files[0]
    file.file_object.seek(0)
    declared_type = file.content_type if is_media_type(file.content_type or "") else None
    name = _decode_filename(file.file_name or b"")
    return ReceivedFile(name, declared_type, file.file_object.read(), _add_fields(metadata or {}, fields))


def _parse_parts(body: bytes, content_type: str) -> tuple[list[File], list[Field]]:
    """Return the form's files and its other fields."""
    _, options = parse_options_header(content_type.encode("ascii", "replace").decode())
    boundary = options.get(b"boundary")
    body = reduce_to_parts(body, boundary) if boundary else body
    files: list[File] = []
    fields: list[Field] = []
    ends: list[bool] = []
    try:
        parser = FormParser(
            "multipart/form-data",
            on_field=fields.append,
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
    return files, fields


def _add_fields(metadata: Mapping[str, str], fields: Sequence[Field]) -> Mapping[str, str]:
    """Return the metadata with that of the form's fields.

    Others are ignored, as in the service that this one replaces, whose clients may send fields such as `id`. But
    `metadata` and `metadata[order]` are meant as metadata, which would be lost.
    """
    added = dict(metadata)
    for field in fields:
        name = (field.field_name or b"").decode(errors="replace")
        if name == "metadata" or name.startswith("metadata["):
            raise _invalid_metadata(f"the name of a field is `{METADATA_PREFIX}` and the key, not `{name}`")
        if not name.startswith(METADATA_PREFIX):
            continue
        key = name.removeprefix(METADATA_PREFIX)
        if key in added:
            raise _invalid_metadata(f"`{key}` is given twice")
        try:
            added[key] = (field.value or b"").decode()
        except UnicodeDecodeError:
            raise _invalid_metadata(f"the value of `{key}` is not UTF-8") from None
    return check_metadata(added)


def _invalid_metadata(reason: str) -> ServiceError:
    return ServiceError(INVALID_METADATA, reason=reason)


def _decode_filename(raw: bytes) -> str:
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        raise ServiceError(INVALID_NAME, reason="it is not UTF-8") from None
    for escape, character in _ESCAPES.items():
        name = name.replace(escape, character)
    return clean_filename(name)
