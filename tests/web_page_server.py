"""A server of web pages, whose origin is another one than the service's."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import NamedTuple

from tests.local_http_server import LocalHttpServer


class WebFile(NamedTuple):
    """What a path responds with."""

    body: str
    media_type: str


EMPTY_PAGE = WebFile("", "text/html")


class WebPageServer(LocalHttpServer):
    """Responds to every request with the file of its path, or else with an empty page."""

    def __init__(self) -> None:
        super().__init__(WebFileHandler)
        self.files: dict[str, WebFile] = {}

    @property
    def origin(self) -> str:
        """Its origin, such as `http://127.0.0.1:4711`."""
        return f"http://127.0.0.1:{self.server_port}"


class WebFileHandler(BaseHTTPRequestHandler):
    """Responds to GET."""

    server: WebPageServer

    def do_GET(self) -> None:
        file = self.server.files.get(self.path, EMPTY_PAGE)
        body = file.body.encode()
        self.send_response(200)
        self.send_header("Content-Type", file.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def run_web_page_server() -> Iterator[WebPageServer]:
    """Run a server at a free port of 127.0.0.1."""
    with WebPageServer().run() as server:
        yield server
