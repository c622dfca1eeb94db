"""Where this API is, as its clients see it."""

from chalice.app import Request

LOCAL = "http://127.0.0.1:8000"
"""Where `chalice local` serves by default."""


def public_url(request: Request, configured: str | None) -> str:
    """Return the base of the API's URLs, without a slash at the end.

    Without a configured one it is what API Gateway says the request was sent to, and never the Host header,
    which anyone can set. A stage's name, or a custom domain's base path, stands before the route.
    """
    if configured:
        return configured
    domain = request.context.get("domainName")
    if not domain:
        return LOCAL
    path = str(request.context.get("path", ""))
    base, found, _ = path.partition("/api/")
    return f"https://{domain}{base if found else ''}"
