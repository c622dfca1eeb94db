"""An ASGI application around MiniStack's own that makes requests to S3 fail.

Requests to other services, and the emulator's own, are passed on unchanged. The emulator's process writes what is
to fail into a small file, which MiniStack's process reads at each request to S3.
"""

import asyncio
import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import ClassVar, Self
from urllib.parse import unquote

from chaos import fault_log, spec
from chaos.fault_log import FaultLog
from emulator.asgi import Application, Event, Receive, Send
from emulator.ministack_application import import_ministack
from emulator.net import USER_AGENT
from emulator.request_filter import RequestFilter
from emulator.s3_errors import refuse, send_error

APPLICATION = "chaos.faulty_s3:create_application"
"""For emulator/ministack_server.py."""
DIRECTORY_VARIABLE, SPEC_VARIABLE = "CHAOS_DIRECTORY", "CHAOS_SPEC"
"""Of MiniStack's process: the directory of the configuration and of the fault log, and the option's value."""

CREDENTIAL_SCOPE = "/s3/aws4_request"
"""The end of the credential of a signed request to S3.
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html"""
SLOW_SECONDS = (1.0, 5.0)

MODES = ("500", "500 after success", "503", "slow")
"""S3 may have carried out a request to which it responds with InternalError.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorBestPractices.html

The error of a CompleteMultipartUpload comes with the status 200, as S3 sends the status before it is done.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html"""


@dataclass(frozen=True)
class S3FaultConfig:
    """Which requests to S3 fail from now on."""

    FILE_NAME: ClassVar = "chaos.s3.json"

    rate: float = 0
    """Share of the requests."""
    outage_until: float = 0
    """Until this time, in seconds since 1970, every request fails."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what was written to the file; without a file nothing fails."""
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls()

    def write(self, path: Path) -> None:
        """Replace the file atomically."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)))
        new.replace(path)


class FaultyS3:
    """MiniStack's application with the faults of an S3FaultConfig."""

    def __init__(self, application: Application, random: Random, config_path: Path, log: FaultLog) -> None:
        self._application = application
        self._random = random
        self._config_path = config_path
        self._fault_log = log

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http" or not is_s3_request(scope):
            return await self._application(scope, receive, send)
        config = S3FaultConfig.read(self._config_path)
        if time.time() < config.outage_until:
            self._record("s3_refused", scope)
            return await refuse(scope, receive, send, "SlowDown")
        if (mode := draw_mode(self._random, config.rate)) is None:
            return await self._application(scope, receive, send)
        self._record("s3", scope, mode=mode)
        if mode == "slow":
            await asyncio.sleep(self._random.uniform(*SLOW_SECONDS))
            return await self._application(scope, receive, send)
        status = 200 if is_complete_request(scope) else None
        if mode == "500 after success":
            await self._application(scope, receive, _discard)
            return await send_error(scope, send, "InternalError", status=status)
        if mode == "500":
            return await refuse(scope, receive, send, "InternalError", status=status)
        return await refuse(scope, receive, send, "SlowDown")

    def _record(self, fault: str, scope: Event, **details: str) -> None:
        self._fault_log.add(fault, **details, method=scope["method"], path=scope["path"])


def create_application() -> RequestFilter:
    """Return MiniStack's application with faults behind the request filter, configured by the environment."""
    directory = Path(os.environ[DIRECTORY_VARIABLE])
    random = spec.parse(os.environ[SPEC_VARIABLE]).random("s3")
    log = FaultLog(directory / fault_log.FILE_NAME)
    return RequestFilter(FaultyS3(import_ministack(), random, directory / S3FaultConfig.FILE_NAME, log))


def is_s3_request(scope: Event) -> bool:
    """Return whether it is a signed or presigned request to S3, or a browser's form; not the emulator's own."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    if USER_AGENT.encode() in headers.get(b"user-agent", b""):
        return False
    is_form = headers.get(b"content-type", b"").startswith(b"multipart/form-data")
    credentials = headers.get(b"authorization", b"").decode("latin-1") + unquote(
        scope["query_string"].decode("latin-1")
    )
    return is_form or CREDENTIAL_SCOPE in credentials


def is_complete_request(scope: Event) -> bool:
    """Return whether a request to S3 completes a multipart upload."""
    return scope["method"] == "POST" and b"uploadId=" in scope["query_string"]


def draw_mode(random: Random, rate: float) -> str | None:
    """Return how the next request fails, None if it doesn't."""
    mode = random.choice(MODES)
    return mode if random.random() < rate else None


async def _discard(event: Event) -> None:
    """Drop a part of the response."""
