"""Middleware that refuses requests to an unknown host name (DNS rebinding)."""

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from chalice.app import Request, Response

from chalicelib import container
from chalicelib.core.errors import ServiceError
from chalicelib.http.errors import UNKNOWN_HOST, error_response

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:/@,\[\]]+))(?::\d{1,5})?", re.IGNORECASE)
"""An IPv6 address or a name, and a port: https://www.rfc-editor.org/rfc/rfc9110#section-7.2"""
_LOOPBACK_NAMES = {"127.0.0.1", "::1", "localhost"}


def refuse_unknown_hosts(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Middleware: respond 421 to a request whose host name isn't this service's."""
    if is_known_host(request, container.settings().public_urls):
        return get_response(request)
    return error_response(ServiceError(UNKNOWN_HOST))


def is_known_host(request: Request, public_urls: Sequence[str]) -> bool:
    """Return whether the host name in the request is one of this service's: a loopback name, or one of PUBLIC_URL.

    Otherwise a web page could use a service on its visitor's machine as its own: the page's host name need only
    resolve to 127.0.0.1 for a moment, and the browser takes both for one origin. API Gateway passes on requests to
    its own names only, so behind it all are known. Every browser sends the header; a request without it is a
    program's.
    """
    host = request.headers.get("host")
    if host is None or request.context.get("domainName"):
        return True
    if (match := _HOST.fullmatch(host.strip())) is None:
        return False
    name = (match[1] or match[2]).lower()
    public_names = {urlsplit(url).hostname for url in public_urls}
    return name in _LOOPBACK_NAMES | public_names or name.endswith(".localhost")
