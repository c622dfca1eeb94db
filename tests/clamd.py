"""A server that speaks clamd's protocol: as much of it as a scan needs."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.fakes.scanner import EICAR, NAME, SIZE_LIMIT

COMMAND = b"zINSTREAM\0"


@dataclass
class Clamd:
    """The server, which a test may break."""

    listener: socket.socket
    response: bytes | None = None
    """Instead of the verdict. An empty one closes the connection."""
    scanned: list[int] = field(default_factory=list)
    """The bytes of each whole stream."""

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.listener.getsockname()
        return host, port

    def serve(self) -> None:
        """Handle one connection after another, until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.sendall(self._scan(connection))

    def _scan(self, connection: socket.socket) -> bytes:
        stream = connection.makefile("rb")
        assert stream.read(len(COMMAND)) == COMMAND
        if self.response is not None:
            return self.response
        content = b""
        while length := int.from_bytes(stream.read(4)):
            if len(content) + length > SIZE_LIMIT:
                return b"INSTREAM size limit exceeded. ERROR\0"
            content += stream.read(length)
        self.scanned.append(len(content))
        return f"stream: {NAME} FOUND\0".encode() if EICAR in content else b"stream: OK\0"


@contextmanager
def run_clamd() -> Iterator[Clamd]:
    """Run the server in a thread, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        clamd = Clamd(listener)
        thread = threading.Thread(target=clamd.serve)
        thread.start()
        try:
            yield clamd
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
