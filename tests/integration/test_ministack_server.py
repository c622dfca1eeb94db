"""How MiniStack's process speaks HTTP."""

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from emulator.storage_check import MAX_BODY_BYTES

HEAD = "{} HTTP/1.1\r\nHost: localhost\r\n{}\r\n"


@pytest.fixture
def connection(ministack_url: str) -> Iterator[socket.socket]:
    address = urlsplit(ministack_url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Return all that the server sends until it closes the connection."""
    received = b""
    while chunk := connection.recv(65_536):
        received += chunk
    return received


def test_a_refused_request_whose_body_is_announced_ends_the_connection(connection: socket.socket) -> None:
    """Its client sends no body, and could send the next request where the server expects one."""
    headers = f"Content-Length: {MAX_BODY_BYTES + 1}\r\nExpect: 100-continue\r\n"
    connection.sendall(HEAD.format("PUT /bucket/key", headers).encode())
    assert b"<Code>EntityTooLarge</Code>" in read_all(connection)


def test_a_body_is_asked_for(connection: socket.socket) -> None:
    headers = "Content-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n"
    connection.sendall(HEAD.format("PUT /bucket-without-objects/key", headers).encode())
    assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"ab")
    assert read_all(connection).startswith(b"HTTP/1.1 404 Not Found\r\n")


def test_requests_share_a_connection(ministack_url: str) -> None:
    connection = HTTPConnection(urlsplit(ministack_url).netloc, timeout=10)
    sockets = set()
    for _ in range(3):
        connection.request("GET", "/bucket-without-objects/key")
        connection.getresponse().read()
        sockets.add(connection.sock)
    connection.close()
    assert len(sockets) == 1
    assert None not in sockets


def test_a_response_has_one_date_and_names_no_server(ministack_url: str) -> None:
    connection = HTTPConnection(urlsplit(ministack_url).netloc, timeout=10)
    connection.request("GET", "/_ministack/health")
    headers = connection.getresponse().headers
    connection.close()
    assert len(headers.get_all("date", [])) == 1
    assert "server" not in headers


def test_a_request_that_is_not_http_is_a_400(connection: socket.socket) -> None:
    connection.sendall(b"\x16\x03\x01\r\n\r\n")
    assert read_all(connection).startswith(b"HTTP/1.1 400 ")
