"""An ASGI application around MiniStack's that refuses what a web page could make a browser send.

MiniStack needs no credentials and allows every origin: without this, any page that a developer visits could create
a function on this machine and invoke it. docs/decisions/0017-web-pages-and-local-servers.md says why these rules.

- The Host header must be a name of this machine's loopback interface. Otherwise a page could reach this server by
  its own name, resolved to 127.0.0.1 (DNS rebinding), and the browser would take both for one origin.
- A browser says with each request whether a page caused it (`Origin`, `Sec-Fetch-Site`). Such a request may only
  read or write one object by a presigned URL or a signed form, as the page could on AWS: the bucket's CORS
  configuration says from which origins (emulator/bucket_cors.py).
- WebSockets are refused: the emulator runs no service that has them.
"""

import re
from collections.abc import Mapping

from emulator.asgi import Application, Event, Receive, Send
from emulator.bucket_cors import CorsRule, cors_headers, read_rules
from emulator.net import USER_AGENT
from emulator.presigned_requests import form_bucket, is_form, presigned_bucket
from emulator.s3_errors import send_error

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)
"""Browsers resolve `localhost` and names below it to this machine, whatever DNS says (RFC 6761, section 6.3)."""
PATH_STYLE_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)

UNKNOWN_HOST = "This server responds only to 127.0.0.1, [::1], localhost and names below localhost.\n"
WEB_PAGE = (
    "A web page may only read or write an object here, by a presigned URL or a signed form. Nothing else works in "
    "a browser: use the aws command, boto3 or curl.\n"
)

NO_CONFIGURATION = b"<Code>NoSuchCORSConfiguration</Code>"

ROUTING_HEADERS = (b"authorization", b"x-amz-target")
"""MiniStack sends requests with these to other services than S3."""

S3_CREDENTIAL = (
    b"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
)


class RequestFilter:
    """MiniStack's application without what only an attack would send."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] == "websocket":
            await receive()
            return await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return await self._application(scope, receive, send)
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        if not has_loopback_host(scope):
            return await _send_refusal(send, UNKNOWN_HOST)
        if not is_caused_by_page(headers):
            return await self._application(scope, receive, send)
        bucket = find_bucket(scope, headers)
        rules = None if bucket is None else await self._find_cors_rules(scope, bucket)
        if rules is None:
            return await _send_refusal(send, WEB_PAGE)
        texts = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}
        cors = cors_headers(rules, texts, requested_method(scope, headers))
        if scope["method"] != "OPTIONS":
            return await self._application(scope, receive, _with_bucket_cors(send, cors or {}))
        if cors is None:
            return await send_error(scope, send, "AccessForbidden")
        return await _send(send, 200, _encode(cors), b"")

    async def _find_cors_rules(self, scope: Event, bucket: str) -> list[CorsRule] | None:
        """Return the rules of the bucket's CORS configuration, None if S3 has no such bucket.

        MiniStack routes paths such as `/2015-03-31/functions/x/invocations` to other services, also with S3's
        signature.
        """
        statuses: list[int] = []
        body = bytearray()

        async def receive() -> Event:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: Event) -> None:
            if event["type"] == "http.response.start":
                statuses.append(event["status"])
            body.extend(event.get("body", b""))

        path = f"/{bucket}"
        headers = [
            (b"host", b"localhost"),
            (b"authorization", S3_CREDENTIAL),
            (b"user-agent", USER_AGENT.encode()),
        ]
        request = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"cors"}
        await self._application({**scope, **request, "headers": headers}, receive, send)
        if statuses == [200] or NO_CONFIGURATION in body:
            return read_rules(bytes(body))
        return None


def find_bucket(scope: Event, headers: Mapping[bytes, bytes]) -> str | None:
    """Return the bucket of a presigned request to an object, of a form for one, or of the preflight of either."""
    if any(name in headers for name in ROUTING_HEADERS):
        return None
    if not PATH_STYLE_HOST.fullmatch(headers[b"host"].decode("latin-1")):
        return None
    method = requested_method(scope, headers)
    bucket = presigned_bucket(method, scope["path"], scope["query_string"])
    if bucket is None and (scope["method"] == "OPTIONS" or is_form(headers)):
        return form_bucket(method, scope["path"], scope["query_string"])
    return bucket


def requested_method(scope: Event, headers: Mapping[bytes, bytes]) -> str:
    """Return the request's method, that of the request that will follow for a preflight."""
    if scope["method"] == "OPTIONS":
        return headers.get(b"access-control-request-method", b"").decode("latin-1")
    return str(scope["method"])


def has_loopback_host(scope: Event) -> bool:
    """Return whether the request has exactly one Host header, and that names this machine's loopback interface."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return len(hosts) == 1 and LOOPBACK_HOST.fullmatch(hosts[0].decode("latin-1")) is not None


def is_caused_by_page(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a browser sent the request. Scripts can't remove these two headers.

    Also one without a page, such as an address that was typed, or a link in a mail (`Sec-Fetch-Site: none`).
    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    return b"origin" in headers or b"sec-fetch-site" in headers


def _with_bucket_cors(send: Send, cors: Mapping[str, str]) -> Send:
    """Return a `send` that replaces MiniStack's CORS headers, which allow everything, with the bucket's."""

    async def send_with_cors(event: Event) -> None:
        if event["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in event["headers"]
                if not name.lower().startswith(b"access-control-")
            ]
            event = {**event, "headers": [*kept, *_encode(cors)]}
        await send(event)

    return send_with_cors


def _encode(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _send_refusal(send: Send, message: str) -> None:
    await _send(send, 403, [(b"content-type", b"text/plain; charset=utf-8")], message.encode())


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
