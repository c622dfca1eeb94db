"""A server of empty web pages, whose origin is another one than the service's."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread

from tests.local_http_server import LocalHttpServer

POLL_SECONDS = 0.02
"""How often the server looks whether it is to end."""


class EmptyPage(BaseHTTPRequestHandler):
    """Responds to every request with an empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def serve_empty_pages() -> Iterator[int]:
    """Serve empty pages at a free port of 127.0.0.1, and yield the port."""
    with LocalHttpServer(EmptyPage) as server:
        Thread(target=server.serve_forever, args=[POLL_SECONDS], daemon=True).start()
        yield server.server_port
        server.shutdown()
