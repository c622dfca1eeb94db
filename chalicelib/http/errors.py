"""Every error that a client can get: its code, its message and its HTTP status.

The core's errors have their code and message in chalicelib/core/errors.py, the errors of HTTP itself have them
here, and `HTTP_STATUSES` has the status of both. tests/unit/test_error_table.py keeps the table complete.
"""

import math
from collections.abc import Mapping
from datetime import timedelta

from chalice.app import Response

from chalicelib.core.errors import (
    CONTENT_MISSING,
    DAILY_QUOTA_EXCEEDED,
    DATABASE_UNAVAILABLE,
    DELETED_DURING_UPLOAD,
    FILE_NOT_FOUND,
    FILE_TOO_LARGE,
    FORBIDDEN_OWNER,
    IDEMPOTENCY_KEY_REUSED,
    INSUFFICIENT_SCOPE,
    INSUFFICIENT_STORAGE,
    INVALID_METADATA,
    INVALID_NAME,
    INVALID_NEW_TOKEN,
    INVALID_PART_NUMBERS,
    INVALID_TOKEN,
    ISSUER_UNAVAILABLE,
    NO_THUMBNAIL,
    NOT_MULTIPART,
    NOT_UPLOADED,
    QUOTA_EXCEEDED,
    SCAN_FAILED,
    SCAN_PENDING,
    SCAN_UNSUPPORTED,
    STORAGE_UNAVAILABLE,
    TOKEN_EXPIRED,
    TOKEN_NOT_FOUND,
    TOKEN_REVOKED,
    TYPE_UNKNOWN,
    UNSUPPORTED_REQUEST,
    UPLOAD_EXPIRED,
    UPLOAD_FINISHED,
    UPLOAD_INCOMPLETE,
    UPLOAD_NOT_FOUND,
    UPLOAD_TOKENS_DISABLED,
    ErrorKind,
    ServiceError,
    TemporaryError,
)

MALFORMED_BODY = ErrorKind("malformed_body", "The request body is malformed: {reason}.")
MISSING_FILE = ErrorKind("missing_file", "The form has no file. Send one file in the form field `file`.")
TOO_MANY_FILES = ErrorKind("too_many_files", "The form has {count} files. Send one file per request.")
EMPTY_BODY = ErrorKind("empty_body", "The request body is empty. Send a form with the file in its field `file`.")
INVALID_PARAMETER = ErrorKind("invalid_parameter", "The parameter `{name}` {reason}.")
MALFORMED_ID = ErrorKind("malformed_id", "A file id is a UUID, such as the `id` in the response to an upload.")
METHOD_NOT_ALLOWED = ErrorKind("method_not_allowed", "This URL does not support {method}. Use {allowed}.")
MISSING_CREDENTIALS = ErrorKind(
    "unauthorized", "This needs a token. Send it in the header `Authorization: Bearer TOKEN`."
)
LENGTH_REQUIRED = ErrorKind(
    "length_required", "This server does not support chunked request bodies. Send a Content-Length."
)
UNKNOWN_HOST = ErrorKind(
    "unknown_host",
    "This server doesn't know the host name in the URL. Use 127.0.0.1 or localhost; PUBLIC_URL adds other names.",
)
BODY_TOO_LARGE = ErrorKind(
    "file_too_large",
    "The file has {size} bytes. The limit of this URL is {limit} bytes. Upload larger files with POST "
    "/api/uploads, up to the `max_file_bytes` of GET /api/usage.",
)
FORM_TOO_LARGE = ErrorKind(
    "file_too_large",
    "The form has {size} bytes. The limit is {limit} bytes for the file and {overhead} bytes for the rest. Upload "
    "larger files with POST /api/uploads, up to the `max_file_bytes` of GET /api/usage.",
)
UNSUPPORTED_MEDIA_TYPE = ErrorKind(
    "unsupported_media_type", "This URL does not support the content type {content_type}. Send {allowed}."
)
PAGE_NOT_BUILT = ErrorKind("page_not_built", "This installation lacks its web pages. Build them with: make web.")
ASSET_NOT_FOUND = ErrorKind("not_found", "No web page has a file of this name. Reload the page.")
INVALID_FIELD = ErrorKind("invalid_field", "The JSON body is invalid: {reason}.")
INTERNAL_ERROR = ErrorKind(
    "internal_error", "Something failed on our side. Quote the requestId when you report it."
)
UNHEALTHY = ErrorKind("unhealthy", "The service is unhealthy: {parts}.")

# Responses of API Gateway, or of the emulator in its place, to a request that reaches no route or times out. They
# are configured in infra/gateway.py and emulator/gateway.py, which don't import this module: a test compares them.
BAD_REQUEST = ErrorKind("bad_request", "The request is not valid HTTP.")
UNAUTHORIZED = ErrorKind("unauthorized", "The request has no valid credentials.")
FORBIDDEN = ErrorKind("forbidden", "The request is not allowed.")
ROUTE_NOT_FOUND = ErrorKind("not_found", "No route has this URL and method.")
REQUEST_TOO_LARGE = ErrorKind(
    "file_too_large",
    "The request is too large. The limit is 10 MB for a request and 4.6 MB for a file in it. Upload larger files "
    "with POST /api/uploads.",
)
TOO_MANY_REQUESTS = ErrorKind("too_many_requests", "Too many requests. Retry in a second.")
RATE_LIMIT_EXCEEDED = ErrorKind(
    "too_many_requests",
    "You have made all requests that you may make in a minute. Wait for the seconds in `Retry-After`.",
)
HEADERS_TOO_LARGE = ErrorKind("headers_too_large", "The request headers are too large.")
NOT_IMPLEMENTED = ErrorKind("not_implemented", "The transfer encoding of the request is not supported.")
UNAVAILABLE = ErrorKind("unavailable", "The service is overloaded. Retry in a few seconds.")
TIMEOUT = ErrorKind("timeout", "The request timed out but may have succeeded. Check before you retry.")

HTTP_STATUSES: Mapping[ErrorKind, int] = {
    MALFORMED_BODY: 400,
    MISSING_FILE: 400,
    TOO_MANY_FILES: 400,
    EMPTY_BODY: 400,
    INVALID_NAME: 400,
    INVALID_PARAMETER: 400,
    MALFORMED_ID: 400,
    BAD_REQUEST: 400,
    UNAUTHORIZED: 401,
    MISSING_CREDENTIALS: 401,
    INVALID_TOKEN: 401,
    TOKEN_EXPIRED: 401,
    TOKEN_REVOKED: 401,
    FORBIDDEN: 403,
    INSUFFICIENT_SCOPE: 403,
    FORBIDDEN_OWNER: 403,
    QUOTA_EXCEEDED: 403,
    SCAN_UNSUPPORTED: 403,
    SCAN_FAILED: 403,
    FILE_NOT_FOUND: 404,
    CONTENT_MISSING: 404,
    NO_THUMBNAIL: 404,
    UPLOAD_NOT_FOUND: 404,
    TOKEN_NOT_FOUND: 404,
    ROUTE_NOT_FOUND: 404,
    PAGE_NOT_BUILT: 404,
    ASSET_NOT_FOUND: 404,
    METHOD_NOT_ALLOWED: 405,
    NOT_UPLOADED: 409,
    TYPE_UNKNOWN: 409,
    SCAN_PENDING: 409,
    DELETED_DURING_UPLOAD: 409,
    UPLOAD_FINISHED: 409,
    UPLOAD_INCOMPLETE: 409,
    NOT_MULTIPART: 409,
    UPLOAD_EXPIRED: 410,
    LENGTH_REQUIRED: 411,
    FILE_TOO_LARGE: 413,
    BODY_TOO_LARGE: 413,
    FORM_TOO_LARGE: 413,
    REQUEST_TOO_LARGE: 413,
    UNSUPPORTED_MEDIA_TYPE: 415,
    UNKNOWN_HOST: 421,
    INVALID_FIELD: 422,
    INVALID_NEW_TOKEN: 422,
    INVALID_PART_NUMBERS: 422,
    UNSUPPORTED_REQUEST: 422,
    IDEMPOTENCY_KEY_REUSED: 422,
    INVALID_METADATA: 422,
    TOO_MANY_REQUESTS: 429,
    RATE_LIMIT_EXCEEDED: 429,
    DAILY_QUOTA_EXCEEDED: 429,
    HEADERS_TOO_LARGE: 431,
    INTERNAL_ERROR: 500,
    NOT_IMPLEMENTED: 501,
    UPLOAD_TOKENS_DISABLED: 501,
    STORAGE_UNAVAILABLE: 503,
    DATABASE_UNAVAILABLE: 503,
    ISSUER_UNAVAILABLE: 503,
    UNHEALTHY: 503,
    UNAVAILABLE: 503,
    TIMEOUT: 504,
    INSUFFICIENT_STORAGE: 507,
}

COMMON_ERRORS = (
    BAD_REQUEST,
    FORBIDDEN,
    REQUEST_TOO_LARGE,
    UNKNOWN_HOST,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL_ERROR,
    NOT_IMPLEMENTED,
    UNAVAILABLE,
    TIMEOUT,
)
"""What any request to a route can end with."""

AUTHENTICATION_ERRORS = (
    MISSING_CREDENTIALS,
    INVALID_TOKEN,
    TOKEN_EXPIRED,
    TOKEN_REVOKED,
    INSUFFICIENT_SCOPE,
    FORBIDDEN_OWNER,
    RATE_LIMIT_EXCEEDED,
    DATABASE_UNAVAILABLE,
    ISSUER_UNAVAILABLE,
)
"""What else a request to a route can end with that isn't public."""


def error_response(error: ServiceError) -> Response:
    """Return the error's response, whose body `normalize_errors` completes with the request's id.

    A message that quotes the request may hold half of a surrogate pair, which JSON in UTF-8 can't.
    """
    message = error.message.encode(errors="replace").decode()
    status = HTTP_STATUSES[error.kind]
    headers: dict[str, str | list[str]] = {}
    if status == 401:
        headers["WWW-Authenticate"] = _challenge(error.kind)
    if isinstance(error, TemporaryError):
        headers["Retry-After"] = _seconds(error.retry_after)
    return Response({"error": error.kind.code, "message": message}, headers, status)


def _challenge(kind: ErrorKind) -> str:
    """Return the header that a 401 must have. https://www.rfc-editor.org/rfc/rfc6750#section-3"""
    challenge = 'Bearer realm="file-loader"'
    return challenge if kind is MISSING_CREDENTIALS else f'{challenge}, error="invalid_token"'


def _seconds(time: timedelta) -> str:
    """Return the time in whole seconds, none too few."""
    return str(max(1, math.ceil(time.total_seconds())))
