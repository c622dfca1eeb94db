"""Headers that keep browsers and caches from misusing any response, whatever the route."""

from collections.abc import Callable

from chalice.app import Request, Response


def add_security_headers(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: no browser guesses another type, and no cache keeps what may be someone's data.

    A route may declare another `Cache-Control`. Otherwise a response with an ETag may be kept by the client alone,
    which asks each time whether it still holds; any other, such as one with a presigned URL, is kept nowhere.

    - https://fetch.spec.whatwg.org/#x-content-type-options-header
    - https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2
    """
    response = get_response(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache" if "ETag" in response.headers else "no-store"
    return response
