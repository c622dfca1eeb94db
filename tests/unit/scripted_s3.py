"""An S3 of tests that responds what it is told to, also what S3 never does."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

from chalicelib.adapters.s3 import S3Storage
from tests.local_http_server import LocalHttpServer
from tests.samples import checksum

KEY = "uploads/1/a b.txt"


class ScriptedS3(LocalHttpServer):
    """Responds what it is told to, one after another, the last again and again."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.script: list[Callable[[Any], None]] = [stored]
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.connections = 0

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections += 1
        super().process_request(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open."""

    protocol_version = "HTTP/1.1"
    server: ScriptedS3

    def respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.command, self.path, headers, body))
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)

    do_GET = do_PUT = do_HEAD = do_DELETE = respond  # noqa: N815  # the names are the base class's

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def stored(handler: Handler) -> None:
    handler.reply(200, ETag='"e"')


def refuse_at_once(handler: Handler) -> None:
    """Refuse a request by its headers, and close the connection while the body is still on its way, as S3 does."""
    handler.wfile.write(b"HTTP/1.1 507 Full\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    handler.close_connection = True


def put(storage: S3Storage) -> str:
    """Put an object, and return its ETag."""
    return storage.put(KEY, b"0123456789", "text/plain", checksum(b"0123456789"))
