"""Read request bodies, and reject truncated ones.

API Gateway, and the emulator's server in its place, read a request to its end before they call the app. `chalice
local` passes on what it could read: as many bytes as Content-Length says, or fewer if the client disconnected, and
nothing of a chunked body. What it leaves unread would be parsed as the connection's next request (request
smuggling): chalicelib/http/response_middleware.py closes such a connection.
https://www.rfc-editor.org/rfc/rfc9112#section-6.3
"""

from chalice.app import Request

from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import LENGTH_REQUIRED, MALFORMED_BODY

_DECODED_BY_GATEWAY = frozenset({"gzip", "deflate"})
"""The content codings that API Gateway decodes, so that the body's length differs from Content-Length.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html"""


MAX_LENGTH_DIGITS = 18
"""More than any body's length has. Python refuses to parse numbers of thousands of digits."""


def read_complete_body(request: Request) -> bytes:
    """Return the body if all of it was received. Otherwise part of a file would be stored as a smaller file.

    Raises ServiceError: LENGTH_REQUIRED, MALFORMED_BODY.
    """
    length = _content_length(request)
    if _is_transfer_encoded(request):
        if length:
            raise ServiceError(MALFORMED_BODY, reason="it has both a Transfer-Encoding and a Content-Length")
        raise ServiceError(LENGTH_REQUIRED)
    body = request.raw_body
    assert isinstance(body, bytes)
    if not length or _was_decoded(request):
        return body
    if not _is_length(length):
        raise ServiceError(MALFORMED_BODY, reason=f"its Content-Length, {length}, is not a number")
    if len(body) < int(length):
        raise ServiceError(MALFORMED_BODY, reason=f"it ended after {len(body)} of {length} bytes")
    return body


def may_be_unread(request: Request) -> bool:
    """Return whether the connection may still hold part of the body."""
    length = _content_length(request)
    return _is_transfer_encoded(request) or bool(length and not _is_length(length))


def _is_transfer_encoded(request: Request) -> bool:
    """Return whether the body has a transfer encoding that was not decoded before the app was called."""
    return "transfer-encoding" in request.headers and not is_from_gateway(request)


def _was_decoded(request: Request) -> bool:
    coding = request.headers.get("content-encoding", "")
    return coding.strip().lower() in _DECODED_BY_GATEWAY and is_from_gateway(request)


def is_from_gateway(request: Request) -> bool:
    """Return whether the request has API Gateway's id; those of `chalice local` and of the emulator have none."""
    return bool(request.context.get("requestId"))


def _content_length(request: Request) -> str:
    length: str = request.headers.get("content-length", "")
    return length.strip()


def _is_length(length: str) -> bool:
    return length.isascii() and length.isdigit() and len(length) <= MAX_LENGTH_DIGITS
