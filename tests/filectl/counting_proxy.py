"""A forward proxy (as in HTTP_PROXY) that counts the parts of multipart uploads that pass through it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from tests.local_http_server import LocalHttpServer

BLOCK_BYTES = 1024 * 1024


class CountingProxy(LocalHttpServer):
    """Forwards every request as it is. Bodies are never in memory as a whole."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.begun: Counter[int] = Counter()
        """How often each part was begun to be sent."""
        self.stored: Counter[int] = Counter()
        """How often S3 has responded 200 to each part."""
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def count(self, counter: Counter[int], part: int | None) -> None:
        with self._lock:
            if part is not None:
                counter[part] += 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingProxy

    def handle_request(self) -> None:
        url = urlsplit(self.path)
        number = parse_qs(url.query).get("partNumber")
        part = int(number[0]) if number and self.command == "PUT" else None
        self.server.count(self.server.begun, part)
        try:
            with closing(HTTPConnection(url.netloc, timeout=60)) as connection:
                status = self._forward(connection, url._replace(scheme="", netloc="").geturl())
        except (OSError, HTTPException):
            self.close_connection = True
            return
        if status == 200:
            self.server.count(self.server.stored, part)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_request  # noqa: N815  # http.server's names

    def _forward(self, connection: HTTPConnection, target: str) -> int:
        connection.putrequest(self.command, target, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        left = int(self.headers.get("Content-Length") or 0)
        block = memoryview(bytearray(BLOCK_BYTES))
        while left:
            count = self.rfile.readinto(block[: min(left, BLOCK_BYTES)])
            if not count:
                raise ConnectionError("the client has gone")
            connection.send(block[:count])
            left -= count
        response = connection.getresponse()
        body = response.read()
        self.send_response_only(response.status, response.reason)
        for name, value in response.getheaders():
            if name.lower() not in {"transfer-encoding", "content-length", "connection"}:
                self.send_header(name, value)
        if response.status not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return response.status

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def run_counting_proxy() -> Iterator[CountingProxy]:
    """Run a proxy at a free port of 127.0.0.1."""
    with CountingProxy().run() as proxy:
        yield proxy
