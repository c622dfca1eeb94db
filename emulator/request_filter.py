"""An ASGI application around MiniStack's that refuses what a web page could make a browser send.

MiniStack needs no credentials and allows every origin: without this, any page that a developer visits could create
a function on this machine and invoke it. docs/decisions/0017-web-pages-and-local-servers.md says why these rules.

- The Host header must be a name of this machine's loopback interface. Otherwise a page could reach this server by
  its own name, resolved to 127.0.0.1 (DNS rebinding), and the browser would take both for one origin.
- A browser says with each request whether a page caused it (`Origin`, `Sec-Fetch-Site`). Such a request may only
  read or write one object by a presigned URL or a signed form, as the page could on AWS.
- WebSockets are refused: the emulator runs no service that has them.
"""

import re
from collections.abc import Mapping

from emulator.asgi import Application, Event, Receive, Send
from emulator.ministack import USER_AGENT
from emulator.presigned_requests import METHODS, form_bucket, is_form, presigned_bucket

LOOPBACK_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)
"""Browsers resolve `localhost` and names below it to this machine, whatever DNS says (RFC 6761, section 6.3)."""
PATH_STYLE_HOST = re.compile(r"(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?", re.ASCII | re.IGNORECASE)

UNKNOWN_HOST = "This server responds only to 127.0.0.1, [::1], localhost and names below localhost.\n"
WEB_PAGE = (
    "A web page may only read or write an object here, by a presigned URL or a signed form. Nothing else works in "
    "a browser: use the aws command, boto3 or curl.\n"
)

ROUTING_HEADERS = (b"authorization", b"x-amz-target")
"""MiniStack sends requests with these to other services than S3."""

CORS_HEADERS = [(b"access-control-allow-origin", b"*"), (b"vary", b"Origin")]
EXPOSED_HEADERS = [(b"access-control-expose-headers", b"ETag, Location")]
PREFLIGHT_HEADERS = [
    *CORS_HEADERS,
    (b"access-control-allow-methods", ", ".join(METHODS).encode()),
    (b"access-control-allow-headers", b"*"),
    (b"access-control-max-age", b"3600"),
]
"""Those of the bucket's CORS configuration on AWS, in infra/templates/storage.yaml."""

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
        if not await self._is_to_presigned_object(scope, headers):
            return await _send_refusal(send, WEB_PAGE)
        if scope["method"] == "OPTIONS":
            return await _send(send, 204, PREFLIGHT_HEADERS, b"")
        return await self._application(scope, receive, _with_bucket_cors(send))

    async def _is_to_presigned_object(self, scope: Event, headers: Mapping[bytes, bytes]) -> bool:
        """Return whether it is a presigned request to an object, a form for one, or the preflight of either."""
        if any(name in headers for name in ROUTING_HEADERS):
            return False
        if not PATH_STYLE_HOST.fullmatch(headers[b"host"].decode("latin-1")):
            return False
        method = scope["method"]
        if method == "OPTIONS":
            method = headers.get(b"access-control-request-method", b"").decode("latin-1")
        bucket = presigned_bucket(method, scope["path"], scope["query_string"])
        if bucket is None and (scope["method"] == "OPTIONS" or is_form(headers)):
            bucket = form_bucket(method, scope["path"], scope["query_string"])
        return bucket is not None and await self._has_bucket(scope, bucket)

    async def _has_bucket(self, scope: Event, bucket: str) -> bool:
        """Return whether S3 has the bucket. MiniStack routes paths such as `/2015-03-31/functions/x/invocations`
        to other services, also with S3's signature.

        It asks for the bucket's location: HeadBucket fails when the disk is full (emulator/storage_check.py).
        """
        statuses: list[int] = []

        async def receive() -> Event:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(event: Event) -> None:
            if event["type"] == "http.response.start":
                statuses.append(event["status"])

        path = f"/{bucket}"
        headers = [
            (b"host", b"localhost"),
            (b"authorization", S3_CREDENTIAL),
            (b"user-agent", USER_AGENT.encode()),
        ]
        request = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"location"}
        await self._application({**scope, **request, "headers": headers}, receive, send)
        return statuses == [200]


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


def _with_bucket_cors(send: Send) -> Send:
    """Return a `send` that replaces MiniStack's CORS headers, which allow everything, with the bucket's on AWS."""

    async def send_with_cors(event: Event) -> None:
        if event["type"] == "http.response.start":
            kept = [
                (name, value)
                for name, value in event["headers"]
                if not name.lower().startswith(b"access-control-")
            ]
            event = {**event, "headers": [*kept, *CORS_HEADERS, *EXPOSED_HEADERS]}
        await send(event)

    return send_with_cors


async def _send_refusal(send: Send, message: str) -> None:
    await _send(send, 403, [(b"content-type", b"text/plain; charset=utf-8")], message.encode())


async def _send(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
