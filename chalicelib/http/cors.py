"""Cross-origin resource sharing (CORS): the headers that let web pages of other origins call the API.

A browser shows a response to a page of another origin only if the response names that origin. Before a request
that a form couldn't send, it asks with OPTIONS (a preflight). https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from collections.abc import Callable, Mapping
from functools import cache

from chalice.app import Chalice, Request, Response

from chalicelib import container
from chalicelib.http.authentication import OWNER_HEADER
from chalicelib.http.middleware import Middleware
from chalicelib.http.options import allowed_methods
from chalicelib.http.router import operations_of_path

PREFLIGHT_SECONDS = 3600
"""For how long a browser may remember the response to a preflight; Chromium does for two hours at most. The
bucket's CORS configuration has the same.
https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age"""

ALWAYS_READABLE = frozenset(
    {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
)
"""Headers that a page may read of any response that it may see.
https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name"""

NOT_FOR_PAGES = frozenset({"connection", "vary"})
"""Headers for the connection and for caches."""


def cors_middleware(app: Chalice) -> Middleware:
    """Return the middleware that lets web pages of CORS_ORIGINS call the API. Without the setting it does nothing.

    A request from another origin gets its response without these headers, as a request of a program does: the
    browser then hides it from the page. `Vary` tells caches that the response depends on the origin.
    """

    @cache
    def preflight_headers(path: str) -> Mapping[str, str]:
        return _preflight_headers(app, path)

    def middleware(request: Request, get_response: Callable[[Request], Response]) -> Response:
        response = get_response(request)
        if origins := container.settings().cors_origins:
            origin = request.headers.get("origin")
            cors = preflight_headers(request.path) if _is_preflight(request) else _exposed_headers(response)
            response.headers["Vary"] = "Origin"
            if origin in origins:
                response.headers |= {"Access-Control-Allow-Origin": origin, **cors}
        return response

    return middleware


def _is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _preflight_headers(app: Chalice, path: str) -> Mapping[str, str]:
    """Return what a page may send to a path: its methods, and the request headers that its operations declare."""
    of_path = operations_of_path(app, path)
    declared = {each.name for operation in of_path for each in operation.parameters if each.location == "header"}
    declared |= {"Content-Type" for operation in of_path if operation.body}
    declared |= {name for operation in of_path if operation.scope for name in ("Authorization", OWNER_HEADER)}
    headers = {
        "Access-Control-Allow-Methods": allowed_methods(app, path),
        "Access-Control-Allow-Headers": ", ".join(sorted(declared)),
        "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
    }
    return {name: value for name, value in headers.items() if value}


def _exposed_headers(response: Response) -> Mapping[str, str]:
    """Return what a page may read of a response, besides what it may always read: all that the app has set."""
    names = [name for name in response.headers if name.lower() not in ALWAYS_READABLE | NOT_FOR_PAGES]
    return {"Access-Control-Expose-Headers": ", ".join(names)} if names else {}
