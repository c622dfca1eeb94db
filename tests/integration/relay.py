"""MiniStack with the one request answered that it doesn't know, the import of a REST API, and faults on demand."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import requests

IMPORT = re.compile(r"PUT /restapis/(\w+)\?mode=overwrite")
SETTLING = re.compile(r"GET /2015-03-31/functions/[^/]+/configuration")
"""What botocore's waiters ask, and ask again after five seconds if a function is pending: in MiniStack for half of
one. So the answer waits for it."""

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}


class Relay(ThreadingHTTPServer):
    """Passes every request on to `target`, and keeps what was imported."""

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = target
        self.imported: list[dict[str, Any]] = []
        """The descriptions (OpenAPI 2) of the REST APIs, one for each import."""
        self.fail_next = ""
        """The next request that begins so (method and path) is answered with an error."""
        self.faults: list[int] = []
        """The statuses with which the next requests are answered, one each; 0 is no answer at all."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Relay

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.fail_next and f"{self.command} {self.path}".startswith(self.server.fail_next):
            self.server.fail_next = ""
            self._send(400, {"Content-Type": "application/json"}, b'{"message": "as the test wants it"}')
            return
        if self.server.faults:
            self._fail(self.server.faults.pop(0))
            return
        if api := IMPORT.fullmatch(f"{self.command} {self.path}"):
            self.server.imported.append(json.loads(body))
            self._send(200, {"Content-Type": "application/json"}, json.dumps({"id": api[1]}).encode())
            return
        passed = self._pass_on(body)
        while SETTLING.fullmatch(f"{self.command} {self.path}") and b'"Pending"' in passed.content:
            time.sleep(0.1)
            passed = self._pass_on(body)
        headers = {name: value for name, value in passed.headers.items() if name.lower() not in HOP_BY_HOP}
        self._send(passed.status_code, headers, passed.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815  # what http.server calls

    def _pass_on(self, body: bytes) -> requests.Response:
        return requests.request(
            self.command,
            f"{self.server.target}{self.path}",
            headers=dict(self.headers),
            data=body,
            timeout=120,
            allow_redirects=False,
        )

    def _fail(self, status: int) -> None:
        """Answer as S3 does when it is in trouble, or hang up without a word."""
        if status == 0:
            self.close_connection = True
            return
        code = {500: "InternalError", 503: "SlowDown"}[status]
        body = f"<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"
        self._send(status, {"Content-Type": "application/xml"}, body.encode())

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@contextmanager
def relay_to(target: str) -> Iterator[Relay]:
    """Run one in a thread."""
    with Relay(target) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
