"""Whether a request's body came whole, and what of it may still wait in the connection.

API Gateway, and the emulator's server in its place, read a request to its end before the app sees it. `chalice
local` hands on what it could read: as many bytes as Content-Length says, or fewer if the client was gone, and
nothing of a chunked body. What it leaves would be read as the connection's next request (request smuggling).
https://www.rfc-editor.org/rfc/rfc9112#section-6.3
"""

from collections.abc import Callable

from chalice.app import Request, Response

from chalicelib.core.errors import LENGTH_REQUIRED, MALFORMED_BODY, ServiceError

_UNDONE = frozenset({"gzip", "deflate"})
"""The content codings that API Gateway undoes, so that the body has another length than was announced.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-enable-compression.html"""


def whole_body(request: Request) -> bytes:
    """Return the body if it is all that was sent. Without this look, part of it would pass for a smaller file.

    Raises ServiceError: LENGTH_REQUIRED, MALFORMED_BODY.
    """
    announced = _announced(request)
    if _is_transfer_coded(request):
        if announced:
            raise ServiceError(MALFORMED_BODY, reason="it has both a Transfer-Encoding and a Content-Length")
        raise ServiceError(LENGTH_REQUIRED)
    body = request.raw_body
    assert isinstance(body, bytes)
    if not announced or _was_decoded(request):
        return body
    if not _is_length(announced):
        raise ServiceError(MALFORMED_BODY, reason=f"its Content-Length, {announced}, is no length")
    if len(body) < int(announced):
        raise ServiceError(MALFORMED_BODY, reason=f"it ended after {len(body)} of {announced} bytes")
    return body


def end_connection_with_unread_body(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: whatever the answer is, it is the connection's last if some of the body may wait there."""
    response = get_response(request)
    announced = _announced(request)
    if _is_transfer_coded(request) or (announced and not _is_length(announced)):
        response.headers["Connection"] = "close"
    return response


def _is_transfer_coded(request: Request) -> bool:
    """Tell whether the body is in a coding that nobody has undone."""
    return "transfer-encoding" in request.headers and not _is_from_gateway(request)


def _was_decoded(request: Request) -> bool:
    coding = request.headers.get("content-encoding", "")
    return coding.strip().lower() in _UNDONE and _is_from_gateway(request)


def _is_from_gateway(request: Request) -> bool:
    """API Gateway's requests bear its id; those of `chalice local` and of the emulator have none."""
    return bool(request.context.get("requestId"))


def _announced(request: Request) -> str:
    length: str = request.headers.get("content-length", "")
    return length.strip()


def _is_length(announced: str) -> bool:
    return announced.isascii() and announced.isdigit()
