"""Every error that the service tells somebody about, in one table.

An `ErrorKind` with an HTTP status is an answer to a request. One without is never answered: it stands in the
`error` of a file whose processing ended in `failed`.
"""

from dataclasses import dataclass

from chalicelib.core.files import Analysis


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """A row of the table. `message` says what is wrong and what to do; its {fields} are filled when raised."""

    code: str
    status: int | None
    message: str


MALFORMED_BODY = ErrorKind("malformed_body", 400, "The request's body can't be read: {reason}.")
MISSING_FILE = ErrorKind("missing_file", 400, "Send one file in the form field `file`.")
TOO_MANY_FILES = ErrorKind("too_many_files", 400, "Send one file in a request; this one holds {count}.")
EMPTY_BODY = ErrorKind("empty_body", 400, "The body is empty. Send a form with the file in its field `file`.")
INVALID_NAME = ErrorKind("invalid_name", 400, "The file's name can't be used: {reason}.")
INVALID_PARAMETER = ErrorKind("invalid_parameter", 400, "The parameter `{name}` {reason}.")
MALFORMED_ID = ErrorKind("malformed_id", 400, "A file's id is a UUID, such as the `id` in an upload's answer.")
FILE_NOT_FOUND = ErrorKind("not_found", 404, "There is no file with this id.")
NO_THUMBNAIL = ErrorKind("not_found", 404, "There is no thumbnail of this file.")
METHOD_NOT_ALLOWED = ErrorKind(
    "method_not_allowed", 405, "This address doesn't take {method}; it takes {allowed}."
)
NOT_UPLOADED = ErrorKind("not_uploaded", 409, "The file's bytes are not here: its status is `{status}`.")
DELETED_DURING_UPLOAD = ErrorKind(
    "deleted_during_upload", 409, "The file was deleted while it was being uploaded."
)
LENGTH_REQUIRED = ErrorKind(
    "length_required", 411, "This server takes no chunked bodies. Send the body with a Content-Length."
)
FILE_TOO_LARGE = ErrorKind(
    "file_too_large", 413, "The request holds {size} bytes, and this address takes {limit}."
)
UNSUPPORTED_MEDIA_TYPE = ErrorKind(
    "unsupported_media_type", 415, "The content type {content_type} isn't taken here. Send {allowed}."
)
INVALID_FIELD = ErrorKind("invalid_field", 422, "The body's JSON doesn't fit: {reason}.")
INTERNAL_ERROR = ErrorKind("internal_error", 500, "Something broke on our side. Quote the requestId when asking.")
STORAGE_UNAVAILABLE = ErrorKind("storage_unavailable", 503, "The storage doesn't answer. Try again in a while.")
DATABASE_UNAVAILABLE = ErrorKind("database_unavailable", 503, "The database doesn't answer. Try again in a while.")
UNHEALTHY = ErrorKind("unhealthy", 503, "The service can't do its work now: {parts}.")

UNREADABLE_IMAGE = ErrorKind(
    "unreadable_image", None, "The file begins like an image but its header can't be read as one."
)
UNREADABLE_PDF = ErrorKind("unreadable_pdf", None, "The file begins like a PDF but can't be read as one.")
UNREADABLE_ARCHIVE = ErrorKind(
    "unreadable_archive", None, "The file begins like an archive but its directory can't be read: {reason}."
)
UNREADABLE_DOCUMENT = ErrorKind(
    "unreadable_document", None, "The file is packed like an office document but can't be read as one."
)
UNREADABLE_MEDIA = ErrorKind(
    "unreadable_media", None, "The file begins like audio or video but can't be read as either."
)
UNREADABLE_CONTENT = ErrorKind("unreadable_content", None, "The file can't be read as what it begins like.")
RESOURCE_LIMIT_EXCEEDED = ErrorKind(
    "resource_limit_exceeded",
    None,
    "Describing the file takes more reading, memory or time than one file gets, or crashes what reads it.",
)
OBJECT_MISSING = ErrorKind("object_missing", None, "The file's bytes are gone from the storage.")
OBJECT_CHANGED = ErrorKind(
    "object_changed", None, "The file's bytes were replaced again and again while they were being read."
)
ATTEMPTS_EXHAUSTED = ErrorKind(
    "attempts_exhausted", None, "Processing was tried {attempts} times and never came to an end."
)


class ServiceError(Exception):
    """An error of the table, with its message filled in."""

    def __init__(self, kind: ErrorKind, **fields: object) -> None:
        self.kind, self.fields = kind, fields
        self.message = kind.message.format(**fields)
        super().__init__(f"{kind.code}: {self.message}")


class BadContentError(ServiceError):
    """The file itself is at fault: processing it again would end the same way."""

    partial_analysis: Analysis | None = None
    """What could be told of the file all the same: its type, and the processor that it failed in."""


class ObjectMissingError(BadContentError):
    """There is no object under this key."""

    def __init__(self) -> None:
        super().__init__(OBJECT_MISSING)


class ObjectChangedError(ServiceError):
    """Another object lies under this key than the one that was asked for."""

    def __init__(self) -> None:
        super().__init__(OBJECT_CHANGED)
