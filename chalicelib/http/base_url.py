"""Where this API is, as its clients see it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from chalice.app import Request

LOCAL = "http://127.0.0.1:8000"
"""Where `chalice local` serves by default."""


def public_url(request: Request, configured: Sequence[str]) -> str:
    """Return the base of the API's URLs, without a slash at the end.

    Of several configured ones it is the one whose host the client called, otherwise the first: the Host header,
    which anyone can set, chooses among them and is never repeated. Without any it is what API Gateway says the
    request was sent to. A stage's name, or a custom domain's base path, stands before the route.
    """
    if configured:
        called = request.headers.get("host", "").lower()
        return next((url for url in configured if urlsplit(url).netloc.lower() == called), configured[0])
    domain = request.context.get("domainName")
    if not domain:
        return LOCAL
    path = str(request.context.get("path", ""))
    base, found, _ = path.partition("/api/")
    return f"https://{domain}{base if found else ''}"
