"""The base of the API's URLs in responses."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from chalice.app import Request

from chalicelib import container

LOCAL_URL = "http://127.0.0.1:8000"
"""Where `chalice local` serves by default."""

_LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.ASCII)


def base_url(request: Request) -> str:
    """Return the base of the URLs in the response, without a trailing slash."""
    return find_base_url(request, container.settings().public_urls)


def base_urls(request: Request) -> Sequence[str]:
    """Return the base of the URLs in the response, and after it the other ones that are configured."""
    return list(dict.fromkeys([base_url(request), *container.settings().public_urls]))


def find_base_url(request: Request, public_urls: Sequence[str]) -> str:
    """Return the base URL among the configured ones, or without any from where the request was sent to.

    The client can set the Host header to anything, so it is never repeated in a response, except for a loopback
    address and port, which the client reaches on its own machine only:

    - Of several configured URLs, it selects the one with that host; the first one if none has it.
    - Without any, behind API Gateway, the URL is the one that API Gateway was called by. A stage's name, or a
      custom domain's base path, precedes the route.
    - Without either, as with `chalice local`, a loopback Host is the URL's.
    """
    host = request.headers.get("host", "").strip().lower()
    if public_urls:
        return next((url for url in public_urls if urlsplit(url).netloc.lower() == host), public_urls[0])
    domain = request.context.get("domainName")
    if domain:
        path = str(request.context.get("path", ""))
        base_path, separator, _ = path.partition("/api/")
        return f"https://{domain}{base_path if separator else ''}"
    return f"http://{host}" if _LOOPBACK_HOST.fullmatch(host) else LOCAL_URL
