"""The errors of the core: a code and a message each. Their HTTP statuses are in chalicelib/http/errors.py."""

from datetime import timedelta

from msgspec import Struct

from chalicelib.core.files.model import Analysis


class ErrorKind(Struct, frozen=True):
    """An error that a request can end with. `message` says what is wrong and what to do; its {fields} are filled
    in when it is raised."""

    code: str
    message: str


class FileErrorKind(ErrorKind, frozen=True):
    """Why processing a file failed, or why it was rejected. It is stored in the file's `error`, and is never a
    response."""


INVALID_NAME = ErrorKind("invalid_name", "The file name is invalid: {reason}.")
INVALID_METADATA = ErrorKind("invalid_metadata", "The metadata is invalid: {reason}.")
FILE_NOT_FOUND = ErrorKind("not_found", "No file has this id.")
NO_THUMBNAIL = ErrorKind(
    "not_found",
    "This file has no thumbnail. Only processed images and PDFs have one. Their `result` says if it was skipped; "
    "of a failed file, see its `error`.",
)
NOT_UPLOADED = ErrorKind("not_uploaded", "The file has not been uploaded (status: `{status}`).")
TYPE_UNKNOWN = ErrorKind(
    "type_unknown",
    "Only files of some types can be downloaded, and this one's isn't known. Wait until it is processed; if that "
    "failed, process it again.",
)
CONTENT_MISSING = ErrorKind(
    "object_missing", "The file's object is missing from the storage. Upload the file again, and delete this one."
)
DELETED_DURING_UPLOAD = ErrorKind("deleted_during_upload", "The file was deleted while it was being uploaded.")
STORAGE_UNAVAILABLE = ErrorKind("storage_unavailable", "The storage is not responding. Retry in a few seconds.")
DATABASE_UNAVAILABLE = ErrorKind("database_unavailable", "The database is not responding. Retry in a few seconds.")
FILE_TOO_LARGE = ErrorKind("file_too_large", "The file has {size} bytes. The limit is {limit} bytes.")
UPLOAD_NOT_FOUND = ErrorKind("not_found", "No upload has this id. If it was aborted, create a new one.")
UPLOAD_EXPIRED = ErrorKind(
    "upload_expired", "The upload has expired, and the parts that were sent are deleted. Create a new one."
)
UPLOAD_FINISHED = ErrorKind(
    "upload_finished", "The upload is finished (status: `{status}`). Use /api/files/{{id}} for the file."
)
UPLOAD_INCOMPLETE = ErrorKind(
    "upload_incomplete",
    "The upload can't be completed: {reason}. GET the upload to see which parts S3 has, and send the others.",
)
NOT_MULTIPART = ErrorKind("not_multipart", "The file is uploaded by one request. GET the upload for a new URL.")
INVALID_PART_NUMBERS = ErrorKind(
    "invalid_part_numbers", "Send 1 to {count} different `numbers` of parts, from 1 to {last}."
)
UNSUPPORTED_REQUEST = ErrorKind(
    "invalid_field",
    "No such request is signed. Without `uploadId`, `method` is PUT or POST, and there is no `partNumber`. With "
    "it, `method` is PUT with a `partNumber`, or GET, POST or DELETE without.",
)
IDEMPOTENCY_KEY_REUSED = ErrorKind(
    "idempotency_key_reused", "The Idempotency-Key was used for another upload. Use a new key for each upload."
)
SCAN_PENDING = ErrorKind(
    "scan_pending", "The file can be downloaded when its malware scan has found it clean. Retry in a minute."
)
SCAN_UNSUPPORTED = ErrorKind(
    "scan_unsupported",
    "The file can't be downloaded, because the malware scanner can't scan it: it is too large, encrypted or "
    "nested too deeply. Upload it in another form.",
)
SCAN_FAILED = ErrorKind(
    "scan_failed",
    "The file can't be downloaded, because its malware scan failed. Reprocess the file, or upload it again.",
)
INVALID_TOKEN = ErrorKind("invalid_token", "The token is not valid. Use another one.")
TOKEN_EXPIRED = ErrorKind("token_expired", "The token has expired. Use a new one.")
TOKEN_REVOKED = ErrorKind("token_revoked", "The token was revoked. Use another one.")
INVALID_NEW_TOKEN = ErrorKind("invalid_field", "The token can't be created: {reason}.")
UPLOAD_TOKENS_DISABLED = ErrorKind(
    "upload_tokens_disabled", "This installation has no UPLOAD_TOKEN_SECRET. Its administrator has to set one."
)
TOKEN_NOT_FOUND = ErrorKind("not_found", "No token has this id.")
INSUFFICIENT_SCOPE = ErrorKind(
    "insufficient_scope",
    "The token's scopes don't include the one that this needs. The API's description names it for each operation.",
)
ISSUER_UNAVAILABLE = ErrorKind(
    "issuer_unavailable",
    "The token can't be verified now, because its issuer's keys can't be fetched. Retry in a minute.",
)
FORBIDDEN_OWNER = ErrorKind(
    "forbidden_owner", "Only a token with the scope `admin` may name another owner. Leave it out."
)
INSUFFICIENT_STORAGE = ErrorKind(
    "insufficient_storage",
    "The service has no space left to store this. Delete files that are not needed, or retry later.",
)
QUOTA_EXCEEDED = ErrorKind(
    "quota_exceeded",
    "This would exceed your quota of {limit} {quota}: {used} are used, and {amount} would be added. Delete files "
    "that you don't need.",
)
DAILY_QUOTA_EXCEEDED = ErrorKind(
    "daily_quota_exceeded",
    "This would exceed your quota of {limit} {quota}: {used} are used, and {amount} would be added. Retry after "
    "midnight (UTC).",
)

UNREADABLE_IMAGE = FileErrorKind(
    "unreadable_image",
    "The file starts like an image, but its header is damaged or incomplete. Upload an intact copy.",
)
UNREADABLE_PDF = FileErrorKind(
    "unreadable_pdf", "The file starts like a PDF, but it is damaged or truncated. Upload an intact copy."
)
UNREADABLE_ARCHIVE = FileErrorKind(
    "unreadable_archive",
    "The file starts like an archive, but its directory can't be read: {reason}. It may be truncated. "
    "Upload an intact copy.",
)
UNREADABLE_DOCUMENT = FileErrorKind(
    "unreadable_document",
    "The file is packed like an office document, but it is damaged or incomplete. Upload an intact copy.",
)
UNREADABLE_MEDIA = FileErrorKind(
    "unreadable_media",
    "The file starts like audio or video, but it is damaged or incomplete. Upload an intact copy.",
)
UNREADABLE_CONTENT = FileErrorKind(
    "unreadable_content",
    "The file can't be read as the type that it starts like. It may be truncated. Upload an intact copy.",
)
RESOURCE_LIMIT_EXCEEDED = FileErrorKind(
    "resource_limit_exceeded",
    "Processing the file takes more reads, memory or time than one file is allowed, or crashes its processor. "
    "It can still be downloaded. To get a result, upload a smaller or simpler version.",
)
OBJECT_MISSING = FileErrorKind(
    "object_missing", "The file's object is missing from the storage. Upload the file again, and delete this one."
)
OBJECT_CHANGED = FileErrorKind(
    "object_changed", "The file's object was overwritten again and again while it was being read."
)
REJECTED_TOO_LARGE = FileErrorKind(
    "file_too_large",
    "The file has {size} bytes, which is more than the limit of {limit} bytes. It was deleted from the storage.",
)
REJECTED_OVER_QUOTA = FileErrorKind(
    "quota_exceeded",
    "The file has {size} bytes, with which its owner would exceed the quota of {limit} {quota}: {used} were used. "
    "It was deleted from the storage. Delete files that aren't needed, and upload it again.",
)
TYPE_NOT_ALLOWED = FileErrorKind(
    "type_not_allowed",
    "The file's type is `{type}`, which isn't allowed here. It was deleted from the storage.",
)
CHECKSUM_MISMATCH = FileErrorKind(
    "checksum_mismatch",
    "The file's bytes don't have the checksum that was given. It was deleted from the storage. Upload it again.",
)
MALWARE_FOUND = FileErrorKind(
    "malware_found", "The malware scanner found a threat: {threat}. The file was deleted from the storage."
)
ATTEMPTS_EXHAUSTED = FileErrorKind(
    "attempts_exhausted",
    "Processing failed after {attempts} attempts. Reprocess the file; if that fails too, the log has the cause.",
)

FILE_ERRORS = (
    UNREADABLE_IMAGE,
    UNREADABLE_PDF,
    UNREADABLE_ARCHIVE,
    UNREADABLE_DOCUMENT,
    UNREADABLE_MEDIA,
    UNREADABLE_CONTENT,
    RESOURCE_LIMIT_EXCEEDED,
    OBJECT_MISSING,
    REJECTED_TOO_LARGE,
    REJECTED_OVER_QUOTA,
    TYPE_NOT_ALLOWED,
    CHECKSUM_MISMATCH,
    MALWARE_FOUND,
    ATTEMPTS_EXHAUSTED,
)
"""What a failed or rejected file can have. OBJECT_CHANGED is transient: the file is retried."""


MAX_FIELD_LENGTH = 500
"""Characters of a field in a message. It may quote the request, whose body has megabytes."""


class ServiceError(Exception):
    """An error kind with its message filled in."""

    def __init__(self, kind: ErrorKind, **fields: object) -> None:
        self.kind, self.fields = kind, fields
        self.message = kind.message.format(**{name: _shorten(value) for name, value in fields.items()})
        super().__init__(f"{kind.code}: {self.message}")


def _shorten(value: object) -> object:
    too_long = isinstance(value, str) and len(value) > MAX_FIELD_LENGTH
    return f"{str(value)[:MAX_FIELD_LENGTH]}…" if too_long else value


class TemporaryError(ServiceError):
    """An error that ends by itself, at a known time."""

    def __init__(self, kind: ErrorKind, *, retry_after: timedelta, **fields: object) -> None:
        self.retry_after = retry_after
        super().__init__(kind, **fields)


class BadContentError(ServiceError):
    """The file's content is invalid: processing it again would end the same way."""

    partial_analysis: Analysis | None = None
    """What was found out before the error: the file's type, and the processor that it failed in."""


class ObjectMissingError(BadContentError):
    """No object has this key."""

    def __init__(self) -> None:
        super().__init__(OBJECT_MISSING)


class RejectedContentError(ServiceError):
    """The file violates a limit, or isn't the announced one."""


MAX_THREAT_LENGTH = 200
"""Characters of a threat's name in an error's message."""


class MalwareFoundError(RejectedContentError):
    """A scanner found a threat in the object with this ETag. The message has its name as text that can be stored
    and shown, whatever the scanner's database calls it."""

    def __init__(self, *, threat: str | None = None, etag: str | None = None) -> None:
        printable = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in threat or "")
        super().__init__(MALWARE_FOUND, threat=printable[:MAX_THREAT_LENGTH] or "unnamed")
        self.etag = etag


class ObjectChangedError(ServiceError):
    """The object under this key is another one than the one requested."""

    def __init__(self) -> None:
        super().__init__(OBJECT_CHANGED)


class ObjectExistsError(Exception):
    """There is an object under this key already, and it stays as it is."""


class MultipartUploadMissingError(Exception):
    """There is no such multipart upload: it was completed or aborted, or never existed."""


class PartsRejectedError(Exception):
    """These parts don't make up the object. The multipart upload stays open, with its parts.

    `reason` is a clause for a message to the client, such as "a part is missing".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
