"""A proxy in front of MiniStack that responds to REST API imports, which MiniStack lacks, and fails on demand."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import requests

from tests.local_http_server import LocalHttpServer

IMPORT = re.compile(r"PUT /restapis/(\w+)\?mode=overwrite")
FUNCTION_STATE = re.compile(r"GET /2015-03-31/functions/[^/]+/configuration")
"""The request of botocore's waiters, which poll every five seconds while a function is pending. In the emulator's
MiniStack that is a moment, so the response is delayed until it is over."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


class MiniStackProxy(LocalHttpServer):
    """Forwards every request to `target`, and records REST API imports."""

    def __init__(self, target: str) -> None:
        super().__init__(_Handler)
        self.target = target
        self.imported: list[dict[str, Any]] = []
        """The descriptions (OpenAPI 2) of imported REST APIs, one per import."""
        self.fail_next = ""
        """The next request whose method and path start with this gets an error."""
        self.errors: list[int] = []
        """The error statuses of the next requests, one each; 0 closes the connection without a response."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: MiniStackProxy

    def handle_request(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.fail_next and f"{self.command} {self.path}".startswith(self.server.fail_next):
            self.server.fail_next = ""
            self._send(400, {"Content-Type": "application/json"}, b'{"message": "requested by the test"}')
            return
        if self.server.errors:
            self._fail(self.server.errors.pop(0))
            return
        if api := IMPORT.fullmatch(f"{self.command} {self.path}"):
            self.server.imported.append(json.loads(body))
            self._send(200, {"Content-Type": "application/json"}, json.dumps({"id": api[1]}).encode())
            return
        response = self._forward(body)
        while FUNCTION_STATE.fullmatch(f"{self.command} {self.path}") and b'"Pending"' in response.content:
            time.sleep(0.01)
            response = self._forward(body)
        headers = {name: value for name, value in response.headers.items() if name.lower() not in HOP_BY_HOP}
        self._send(response.status_code, headers, response.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_request  # noqa: N815  # http.server's names

    def _forward(self, body: bytes) -> requests.Response:
        return requests.request(
            self.command,
            f"{self.server.target}{self.path}",
            headers=dict(self.headers),
            data=body,
            timeout=120,
            allow_redirects=False,
        )

    def _fail(self, status: int) -> None:
        """Respond with one of S3's server errors, or close the connection without a response."""
        if status == 0:
            self.close_connection = True
            return
        code = {500: "InternalError", 503: "SlowDown", 507: "InsufficientStorage"}[status]
        body = f"<Error><Code>{code}</Code><Message>requested by the test</Message></Error>"
        self._send(status, {"Content-Type": "application/xml"}, body.encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def proxy_to(target: str) -> Iterator[MiniStackProxy]:
    """Run a proxy at a free port of 127.0.0.1."""
    with MiniStackProxy(target).run() as server:
        yield server
