"""An S3 that fails: an ASGI application around MiniStack's own.

Everything but S3 goes through untouched, and so do the emulator's own requests.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from chaos.fault_log import Record
from chaos.s3_fault_config import Orders
from emulator.ministack import USER_AGENT

SCOPE = "/s3/aws4_request"
"""How the credential of a signed request to S3 ends.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html"""
SLOW_SECONDS = (1.0, 5.0)

ERRORS = {
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "SlowDown": (503, "Please reduce your request rate."),
}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""
WAYS = ("500", "500 though done", "503", "slow")
"""S3 may have done what it answers with InternalError.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorBestPractices.html"""

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Event, Receive, Send], Awaitable[None]]
"""https://asgi.readthedocs.io/en/latest/specs/main.html"""


class FaultyS3:
    """MiniStack's application, failing as ordered."""

    def __init__(self, application: Application, random: Random, orders: Path, record: Record) -> None:
        self._application = application
        self._random = random
        self._orders = orders
        self._record = record

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not is_for_s3(scope):
            return await self._application(scope, receive, send)
        orders = Orders.read(self._orders)
        if time.time() < orders.outage_until:
            self._note("s3_refused", scope)
            return await _refuse(scope, receive, send, "SlowDown")
        if (way := decide(self._random, orders.rate)) is None:
            return await self._application(scope, receive, send)
        self._note("s3", scope, way=way)
        if way == "slow":
            await asyncio.sleep(self._random.uniform(*SLOW_SECONDS))
            return await self._application(scope, receive, send)
        if way == "500 though done":
            await self._application(scope, receive, _unheard)
            return await _answer(scope, send, "InternalError")
        return await _refuse(scope, receive, send, "SlowDown" if way == "503" else "InternalError")

    def _note(self, fault: str, scope: Event, **details: str) -> None:
        self._record.add(fault, **details, method=scope["method"], path=scope["path"])


def is_for_s3(scope: Event) -> bool:
    """Whether it is a signed request to S3, a presigned one or a browser's form, and not the emulator's own."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    if USER_AGENT.encode() in headers.get(b"user-agent", b""):
        return False
    is_form = headers.get(b"content-type", b"").startswith(b"multipart/form-data")
    signed = headers.get(b"authorization", b"").decode("latin-1") + unquote(
        scope["query_string"].decode("latin-1")
    )
    return is_form or SCOPE in signed


def decide(random: Random, rate: float) -> str | None:
    """Return in which way the next request fails, None if it doesn't."""
    way = random.choice(WAYS)
    return way if random.random() < rate else None


async def _refuse(scope: Event, receive: Receive, send: Send, code: str) -> None:
    while (await receive()).get("more_body"):  # a client that is still sending might not hear the answer
        pass
    await _answer(scope, send, code)


async def _answer(scope: Event, send: Send, code: str) -> None:
    status, message = ERRORS[code]
    request = uuid4().hex[:16].upper()
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{code}</Code><Message>{message}</Message>"
        f"<RequestId>{request}</RequestId><HostId>{request}</HostId></Error>"
    ).encode()
    headers = [
        (b"content-type", b"application/xml"),
        (b"content-length", str(len(body)).encode()),
        (b"x-amz-request-id", request.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _unheard(event: Event) -> None:
    """Take an answer that nobody gets."""
