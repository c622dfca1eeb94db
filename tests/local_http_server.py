"""An HTTP server of tests, at a free port of 127.0.0.1."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

POLL_SECONDS = 0.02
"""How often a server looks whether it is to end."""


class LocalHttpServer(ThreadingHTTPServer):
    """A server whose clients, or the servers behind it, may be killed in the middle of a request."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    @contextmanager
    def run(self) -> Iterator[Self]:
        """Respond to requests, in threads, until the block ends."""
        thread = Thread(target=self.serve_forever, args=[POLL_SECONDS], daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            self.server_close()
            thread.join()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Let handlers send a response in pieces: the second one would wait 40 ms for the first one's receipt."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return connection, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print no traceback of a lost connection: it would be in the output of the test that runs by then."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)
