"""API Gateway for the routes: a WSGI application in front of Chalice's own local gateway."""

import base64
import json
import logging
from collections.abc import Iterable, Iterator
from http.client import responses
from typing import Any
from uuid import uuid4
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import CustomLocalChalice, LocalChalice, LocalGateway, LocalGatewayException, RouteMatcher

PAYLOAD_BYTES = 10_485_760
"""API Gateway takes 10 MB, and waits 29 s for an answer.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html"""
ANSWER_SECONDS = 29

GATEWAY_RESPONSES = {
    400: ("bad_request", "The request is not valid HTTP."),
    401: ("unauthorized", "The request has no valid credentials."),
    403: ("forbidden", "The request is not allowed."),
    404: ("not_found", "No route has this URL and method."),
    413: ("file_too_large", "The request is too large. The limit is 10 MB."),
    431: ("headers_too_large", "The request headers are too large."),
    500: ("internal_error", "Something failed on our side. Quote the requestId when you report it."),
    501: ("not_implemented", "The transfer encoding of the request is not supported."),
}
"""What is answered before the app is asked, by status. On AWS these are gateway responses:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html"""

Answer = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers, body."""

log = logging.getLogger(__name__)


def wsgi_application(app: Chalice) -> WSGIApplication:
    """Return the app's routes as a WSGI application that many threads may call at once."""
    # As chalice.local.create_local_server does: `current_request` becomes a thread's own.
    CustomLocalChalice.__bases__ = (LocalChalice, app.__class__)
    app.__class__ = CustomLocalChalice
    gateway = LocalGateway(app, Config(user_provided_params={"lambda_timeout": ANSWER_SECONDS}))
    matcher = RouteMatcher(list(app.routes))

    def application(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        status, headers, body = _answer(gateway, matcher, environment)
        start_response(f"{status} {reason(status)}", [*headers, ("Content-Length", str(len(body)))])
        return [b"" if environment["REQUEST_METHOD"] == "HEAD" else body]

    return application


def gateway_response(status: int, request_id: str) -> Answer:
    """Return what API Gateway answers by itself, in the shape of the app's errors."""
    code, message = GATEWAY_RESPONSES[status]
    body = json.dumps({"error": code, "message": message, "requestId": request_id}).encode()
    return status, [("Content-Type", "application/json")], body


def reason(status: int) -> str:
    """Return the words that stand after a status."""
    return responses.get(status, "Unknown")


def _answer(gateway: LocalGateway, matcher: RouteMatcher, environment: WSGIEnvironment) -> Answer:
    request_id = str(uuid4())
    method = environment["REQUEST_METHOD"]
    # Not PATH_INFO, which is decoded: Chalice gets paths as they were sent.
    path = environment["REQUEST_URI"]
    body = environment["wsgi.input"].read()
    if not _is_route(matcher, path):
        return gateway_response(404, request_id)
    if len(body) > PAYLOAD_BYTES:
        return gateway_response(413, request_id)
    try:
        made = gateway.handle_request(method, path, dict(_headers(environment)), body or None)
    except LocalGatewayException as refused:
        return gateway_response(refused.CODE, request_id)
    except Exception:
        log.exception("%s %s failed", method, path)
        return gateway_response(500, request_id)
    return made["statusCode"], list(_flat_headers(made)), _body(made)


def _is_route(matcher: RouteMatcher, path: str) -> bool:
    try:
        matcher.match_route(path)
    except ValueError:
        return False
    return True


def _headers(environment: WSGIEnvironment) -> Iterator[tuple[str, str]]:
    """Yield the request's headers in lower case, in which LocalGateway looks for them."""
    for name, value in environment.items():
        if name.startswith("HTTP_"):
            yield name.removeprefix("HTTP_").replace("_", "-").lower(), value
        elif name in {"CONTENT_TYPE", "CONTENT_LENGTH"} and value:
            yield name.replace("_", "-").lower(), value


def _flat_headers(made: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in made["headers"].items():
        yield name, str(value)
    for name, values in made["multiValueHeaders"].items():
        for value in values:
            yield name, str(value)


def _body(made: dict[str, Any]) -> bytes:
    body = made["body"] or ""
    if made.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else str(body).encode()
