"""API Gateway for the routes: a WSGI application in front of Chalice's own local gateway."""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from http.client import responses
from typing import Any
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import CustomLocalChalice, LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher

from emulator.compression import compress

PAYLOAD_BYTES = 10_485_760
"""API Gateway accepts 10 MB, and waits 29 s for a response.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""
RESPONSE_SECONDS = 29
INVOCATION_BYTES = 6_291_456
"""Lambda accepts 6 MB of JSON as the event of a synchronous invocation, and as much as its response.
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
SMALL_BODY_BYTES = INVOCATION_BYTES // 8
"""A character takes at most six bytes of JSON, so that a smaller body can't reach the limit."""

GATEWAY_RESPONSES = {
    400: ("bad_request", "The request is not valid HTTP."),
    401: ("unauthorized", "The request has no valid credentials."),
    403: ("forbidden", "The request is not allowed."),
    404: ("not_found", "No route has this URL and method."),
    413: (
        "file_too_large",
        "The request is too large. The limit is 10 MB for a request and 4.6 MB for a file in it. Upload larger "
        "files with POST /api/uploads.",
    ),
    431: ("headers_too_large", "The request headers are too large."),
    500: ("internal_error", "Something failed on our side. Quote the requestId when you report it."),
    501: ("not_implemented", "The transfer encoding of the request is not supported."),
    503: ("unavailable", "The service is overloaded. Retry in a few seconds."),
}
"""Code and message, by status, of responses that are sent without calling the app. On AWS these are gateway
responses: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html"""

RawResponse = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""

log = logging.getLogger(__name__)


def wsgi_application(app: Chalice, cors_origins: Sequence[str] = ()) -> WSGIApplication:
    """Return the app's routes as a WSGI application that many threads may call at once.

    A response to HEAD has no Content-Length. It would be the one of GET, and is known to the app only, which
    returns no body. https://www.rfc-editor.org/rfc/rfc9110#section-8.6
    """
    # As chalice.local.create_local_server does: `current_request` becomes local to the thread.
    CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
    app.__class__ = CustomLocalChalice
    gateway = LocalGateway(app, Config(user_provided_params={"lambda_timeout": RESPONSE_SECONDS}))
    matcher = RouteMatcher(list(app.routes))

    def application(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        refuse = partial(gateway_response, request_id=str(uuid4()), cors_origins=cors_origins)
        status, headers, body = _handle_request(gateway, matcher, environment, refuse)
        compressed = compress(body, environment.get("HTTP_ACCEPT_ENCODING", ""))
        if compressed is not None:
            headers, body = [*headers, ("Content-Encoding", "gzip")], compressed
        is_head = environment["REQUEST_METHOD"] == "HEAD"
        length = [] if is_head else [("Content-Length", str(len(body)))]
        start_response(f"{status} {reason_phrase(status)}", [*headers, *length])
        return [] if is_head else [body]

    return application


def gateway_response(status: int, request_id: str, cors_origins: Sequence[str] = ()) -> RawResponse:
    """Return API Gateway's own response with this status, in the shape of the app's errors.

    Its headers are constants, as infra/gateway.py configures API Gateway: with several `cors_origins`, web pages
    of any origin may read it.
    """
    code, message = GATEWAY_RESPONSES[status]
    body = json.dumps({"error": code, "message": message, "requestId": request_id}).encode()
    headers = {
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    if cors_origins:
        headers["Access-Control-Allow-Origin"] = cors_origins[0] if len(cors_origins) == 1 else "*"
    return status, list(headers.items()), body


def reason_phrase(status: int) -> str:
    """Return the words that follow a status code."""
    return responses.get(status, "Unknown")


def _handle_request(
    gateway: LocalGateway,
    matcher: RouteMatcher,
    environment: WSGIEnvironment,
    refuse: Callable[[int], RawResponse],
) -> RawResponse:
    method = environment["REQUEST_METHOD"]
    # Not PATH_INFO, which is decoded: Chalice gets paths as they were sent.
    path = environment["REQUEST_URI"]
    body = environment["wsgi.input"].read()
    route = _find_route(matcher, path)
    if route is None:
        return refuse(404)
    headers = dict(_headers(environment))
    if len(body) > PAYLOAD_BYTES or _is_refused_by_lambda(gateway, method, path, headers, body):
        return refuse(413)
    try:
        response = gateway.handle_request(method, path, headers, body or None)
    except LocalGatewayException as error:
        return refuse(error.CODE)
    except Exception:
        log.exception("%s %s failed", method, route)
        return refuse(500)
    if (size := invocation_bytes(response)) > INVOCATION_BYTES:
        log.error(
            "%s %s: Lambda refuses a response of %d bytes; the limit is %d", method, route, size, INVOCATION_BYTES
        )
        return refuse(503)  # as of every failed invocation on AWS: infra/gateway.py
    return response["statusCode"], list(_flat_headers(response)), _body(response)


def _is_refused_by_lambda(
    gateway: LocalGateway, method: str, path: str, headers: dict[str, str], body: bytes
) -> bool:
    """Return whether the request's event is larger than Lambda accepts. It has the headers twice."""
    if len(body) < SMALL_BODY_BYTES:
        return False
    # LocalGateway takes a form for text, because of the boundary in its type, and passes the bytes as they are.
    media_type = headers.get("content-type", "").partition(";")[0].strip()
    event = gateway.event_converter.create_lambda_event(method, path, {"content-type": media_type}, body)
    return invocation_bytes({**event, "headers": headers, "multiValueHeaders": headers}) > INVOCATION_BYTES


def invocation_bytes(payload: dict[str, Any]) -> int:
    """Return the size of an event or of a response as Lambda counts it: of its JSON, in which the body is a string
    with its quotes escaped, or base64. 0 if the body is small."""
    body = payload.get("body") or ""
    if len(body) < SMALL_BODY_BYTES:
        return 0
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    return len(json.dumps({**payload, "body": text}, ensure_ascii=False).encode(errors="surrogatepass"))


def _find_route(matcher: RouteMatcher, path: str) -> str | None:
    """Return the pattern of the route, which log lines may have: a path has ids and upload tokens."""
    try:
        route: str = matcher.match_route(path).route
    except ValueError:
        return None
    return route


def _headers(environment: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the request's headers with lowercase names, as LocalGateway expects them."""
    for name, value in environment.items():
        if name.startswith("HTTP_"):
            yield name.removeprefix("HTTP_").replace("_", "-").lower(), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            yield name.replace("_", "-").lower(), value


def _flat_headers(response: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in response["headers"].items():
        yield name, str(value)
    for name, values in response["multiValueHeaders"].items():
        for value in values:
            yield name, str(value)


def _body(response: dict[str, Any]) -> bytes:
    body = response["body"] or ""
    if response.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body).encode()
