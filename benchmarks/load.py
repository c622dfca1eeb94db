"""Uploads of 10 KiB at once from several connections: `python -m benchmarks.load PORT REQUESTS [--closing]`.

A process of its own with as little work as possible, because it shares the machine with the server. Prints JSON:
requests a second, and the seconds of each request.
"""

import argparse
import json
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from uuid import uuid4

from benchmarks.sample_content import FORM_TYPE, make_form

CONNECTIONS = 8


class Connection:
    """One connection to a server at 127.0.0.1, opened anew when the server has closed it."""

    def __init__(self, port: int, *, closing: bool) -> None:
        """With `closing`, every request has a connection of its own."""
        self._port, self._closing = port, closing
        self._socket: socket.socket | None = None

    def upload(self, name: str) -> bytes:
        """Upload a file and return the response's body. Raises RuntimeError unless it is 201."""
        request = upload_request(name, closing=self._closing)
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        head, body, length = b"", b"", None
        while length is None or len(body) < length:
            if not (received := self._socket.recv(65536)):
                break
            if length is not None:
                body += received
                continue
            head += received
            if (end := head.find(b"\r\n\r\n")) >= 0:
                head, body = head[:end], head[end + 4 :]
                length = content_length(head)
        if not head.startswith(b"HTTP/1.1 201"):
            raise RuntimeError(f"{head!r} {body[:500]!r}")
        if self._closing or b"connection: close" in head.lower():
            self._socket.close()
            self._socket = None
        return body


def content_length(head: bytes) -> int:
    """Return the length of the body that follows the head of a response."""
    lines = (line.partition(b":") for line in head.split(b"\r\n")[1:])
    return next(int(value) for name, _, value in lines if name.lower() == b"content-length")


def upload_request(name: str, *, closing: bool) -> bytes:
    """Return a form upload as it goes over the wire."""
    form = make_form(name)
    head = (
        f"POST /api/upload/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM_TYPE}\r\n"
        f"Content-Length: {len(form)}\r\nConnection: {'close' if closing else 'keep-alive'}\r\n\r\n"
    )
    return head.encode() + form


def main() -> int:
    """Send the requests and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("requests", type=int)
    parser.add_argument("--closing", action="store_true")
    options = parser.parse_args()
    mark, numbers = uuid4().hex[:8], count()

    def send(_: int) -> list[float]:
        connection, seconds = Connection(options.port, closing=options.closing), []
        while (number := next(numbers)) < options.requests:
            begin = time.perf_counter()
            connection.upload(f"{mark}-{number}.txt")
            seconds.append(time.perf_counter() - begin)
        return seconds

    begin = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        seconds = [second for part in pool.map(send, range(CONNECTIONS)) for second in part]
    rate = options.requests / (time.perf_counter() - begin)
    json.dump({"rate": rate, "seconds": seconds}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
