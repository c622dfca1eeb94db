"""The emulator's HTTP server, called over sockets by clients that keep to HTTP and by such that don't."""

import json
import logging
import socket
import time
from collections.abc import Iterator
from http.client import HTTPResponse
from threading import Thread
from typing import Any

import pytest
from chalice.app import Chalice, Response

from emulator.gateway import INVOCATION_BYTES, PAYLOAD_BYTES
from emulator.http_server import THREADS, build_server
from emulator.net import listen

CONTENT_TYPES = ["application/json", "application/octet-stream", "multipart/form-data"]
UPLOAD_BYTES = 4_600_000 + 16_384
"""The largest upload through the API, with the rest of its form."""
SECONDS = 5
"""Within which every response comes, and every connection is closed that the server is to close."""


def create_app() -> Chalice:
    """Return an app with a route that returns what it got, and one whose response has any size."""
    app = Chalice(app_name="sample")
    app.api.binary_types.append("multipart/form-data")

    @app.route("/echo", methods=["GET", "POST"])
    def echo() -> dict[str, Any]:
        request: Any = app.current_request
        return {"size": len(request.raw_body), "host": request.headers.get("host")}

    @app.route("/echo", methods=["PUT"], content_types=CONTENT_TYPES)
    def echo_any() -> Any:
        return echo()

    @app.route("/text/{size}", methods=["GET", "HEAD"])
    def text(size: str) -> Response:
        return Response("x" * int(size), headers={"Content-Type": "text/plain"})

    @app.route("/status/{code}", methods=["GET", "HEAD", "DELETE"])
    def status(code: str) -> Response:
        return Response("", headers={"ETag": '"1"'}, status_code=int(code))

    @app.route("/quotes/{size}")
    def quotes(size: str) -> Response:
        return Response('"' * int(size), headers={"Content-Type": "text/plain"})

    return app


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a running server."""
    server = build_server(create_app(), listen(0, "--port"))
    Thread(target=server.run, daemon=True).start()
    yield int(server.getsockname()[1])
    server.close()
    server.task_dispatcher.shutdown(cancel_pending=True)


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        yield connection


def receive(connection: socket.socket, method: str = "GET") -> tuple[int, Any]:
    """Return a response's status, and its body if that is JSON."""
    response = HTTPResponse(connection, method=method)
    response.begin()
    body = response.read()
    return response.status, json.loads(body) if body.startswith(b"{") else body


def receive_all(connection: socket.socket) -> bytes:
    """Return what the server sends until it closes the connection. Fails if it doesn't."""
    received = b""
    try:
        while data := connection.recv(65536):
            received += data
    except ConnectionResetError:
        pass  # it closed the connection before it had read everything
    return received


class TestExpect:
    """https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1"""

    @pytest.mark.parametrize("head", ["GET /echo HTTP/1.1\r\n", "POST /echo HTTP/1.1\r\nContent-Length: 0\r\n"])
    def test_request_without_a_body_gets_a_response(self, connection: socket.socket, head: str) -> None:
        connection.sendall(f"{head}Host: localhost\r\nExpect: 100-continue\r\n\r\n".encode())
        status, body = receive(connection)
        assert (status, body["size"]) == (200, 0)

    def test_client_is_asked_for_its_body(self, connection: socket.socket) -> None:
        head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"12345")
        assert receive(connection)[1]["size"] == 5

    def test_client_is_asked_for_its_chunked_body(self, connection: socket.socket) -> None:
        head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"3\r\nabc\r\n0\r\n\r\n")
        assert receive(connection)[1]["size"] == 3

    @pytest.mark.parametrize("size", [PAYLOAD_BYTES + 1, 10**9])
    def test_body_that_is_too_large_is_refused_unsent(self, connection: socket.socket, size: int) -> None:
        head = f"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        status, body = receive(connection)
        assert (status, body["error"]) == (413, "file_too_large")

    def test_invalid_request_is_refused(self, connection: socket.socket) -> None:
        connection.sendall(b"GET /echo HTTP/1.1\r\nContent-Length: x\r\nExpect: 100-continue\r\n\r\n")
        assert receive(connection)[0] == 400

    def test_next_request_on_the_connection_gets_a_response(self, connection: socket.socket) -> None:
        for _ in range(3):
            connection.sendall(b"GET /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n")
            assert receive(connection)[0] == 200

    def test_http_1_0_client_is_not_asked_to_continue(self, connection: socket.socket) -> None:
        head = b"POST /echo HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head + b"12")
        assert receive(connection)[1]["size"] == 2


class TestRequestSize:
    @pytest.mark.parametrize(
        ("content_type", "body", "status"),
        [
            pytest.param("application/json", b"x" * (INVOCATION_BYTES - 25_000), 200, id="text"),
            pytest.param("application/json", b"x" * INVOCATION_BYTES, 413, id="large text"),
            pytest.param("application/json", b'"' * (INVOCATION_BYTES // 2), 413, id="text to escape"),
            pytest.param("application/octet-stream", bytes(UPLOAD_BYTES), 200, id="largest upload"),
            pytest.param("application/octet-stream", bytes(INVOCATION_BYTES * 3 // 4), 413, id="bytes"),
            pytest.param("multipart/form-data; boundary=b", b"\xff" * UPLOAD_BYTES, 200, id="largest form"),
            pytest.param("multipart/form-data; boundary=b", b"\xff" * UPLOAD_BYTES * 2, 413, id="large form"),
        ],
    )
    def test_request_that_lambda_refuses_is_refused(
        self, connection: socket.socket, content_type: str, body: bytes, status: int
    ) -> None:
        """Lambda counts JSON, with binary bodies as base64. The largest upload fits with 10,240 bytes of headers,
        as many as API Gateway accepts."""
        cookie = "c" * (10_240 - 200)
        head = f"PUT /echo HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Type: {content_type}\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        assert receive(connection)[0] == status


class TestResponseSize:
    def test_response_that_lambda_returns_is_sent(self, port: int) -> None:
        assert self._get(port, f"/text/{INVOCATION_BYTES - 500}")[0] == 200

    @pytest.mark.parametrize(
        "path", [f"/text/{INVOCATION_BYTES}", f"/text/{INVOCATION_BYTES - 5}", f"/quotes/{INVOCATION_BYTES // 2}"]
    )
    def test_larger_response_is_refused_as_on_aws(
        self, port: int, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Lambda counts JSON, in which quotes are escaped and the headers are too."""
        with caplog.at_level(logging.ERROR):
            status, body = self._get(port, path)
        assert (status, body["error"]) == (503, "unavailable")
        assert "the limit is 6291456" in caplog.text

    @staticmethod
    def _get(port: int, path: str) -> tuple[int, Any]:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            return receive(connection)


class TestResponseWithoutBody:
    """It ends with its headers, and the connection serves the next request.
    https://www.rfc-editor.org/rfc/rfc9112#section-6.3"""

    @pytest.mark.parametrize(
        ("request_line", "status"),
        [
            ("HEAD /text/3", 200),
            ("HEAD /status/404", 404),
            ("HEAD /status/302", 302),
            ("HEAD /status/304", 304),
            ("HEAD /status/503", 503),
            ("HEAD /nowhere", 404),
            ("HEAD /echo", 405),
            ("GET /status/304", 304),
            ("GET /status/204", 204),
            ("DELETE /status/204", 204),
        ],
    )
    def test_connection_is_kept_open(self, connection: socket.socket, request_line: str, status: int) -> None:
        """A Content-Length would have to be that of GET, or of a 200. Here the app returns no body to HEAD."""
        for _ in range(2):
            connection.sendall(f"{request_line} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = self._receive_head(connection)
            assert head.startswith(f"HTTP/1.1 {status} ".encode())
            assert {b"content-length", b"transfer-encoding", b"connection"} & self._names(head) == set()
        connection.sendall(b"GET /text/5 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert receive(connection) == (200, b"xxxxx")

    def test_response_to_pipelined_head_is_not_mixed_with_the_next(self, connection: socket.socket) -> None:
        requests = [f"{method} /text/3 HTTP/1.1\r\nHost: localhost\r\n" for method in ("HEAD", "GET", "HEAD")]
        connection.sendall(f"{chr(13)}{chr(10)}".join(requests).encode() + b"Connection: close\r\n\r\n")
        first, second, third = receive_all(connection).split(b"HTTP/1.1 200 OK")[1:]
        assert [response.partition(b"\r\n\r\n")[2] for response in (first, second, third)] == [b"", b"xxx", b""]

    @pytest.mark.parametrize("request_line", ["HEAD /text/3", "GET /status/304"])
    @pytest.mark.parametrize("version", ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"])
    def test_connection_is_closed_for_a_client_that_wants_it(
        self, connection: socket.socket, request_line: str, version: str
    ) -> None:
        connection.sendall(f"{request_line} {version}\r\nHost: localhost\r\n\r\n".encode())
        assert b"\r\nConnection: close\r\n" in receive_all(connection)

    @pytest.mark.parametrize(
        ("head", "status"),
        [
            (b"HEAD /text/3 HTTP/1.1\r\nContent-Length: x", 400),
            (b"HEAD /text/3 HTTP/1.1\r\nTransfer-Encoding: gzip", 501),
        ],
    )
    def test_the_servers_own_error_has_no_body(self, connection: socket.socket, head: bytes, status: int) -> None:
        connection.sendall(head + b"\r\n\r\n")
        received, _, body = receive_all(connection).partition(b"\r\n\r\n")
        assert f" {status} ".encode() in received.partition(b"\r\n")[0]
        assert (body, self._names(received) & {b"content-length", b"transfer-encoding"}) == (b"", set())

    @staticmethod
    def _receive_head(connection: socket.socket) -> bytes:
        """Return the headers. Fails if the server sends anything after them."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        assert body == b""
        return head

    @staticmethod
    def _names(head: bytes) -> set[bytes]:
        return {line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]}


ODD_REQUESTS = [
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="TLS"),
    pytest.param(b"nonsense\r\n\r\n", 400, id="no request"),
    pytest.param(b"GET /echo\r\n\r\n", 200, id="HTTP/0.9"),
    pytest.param(b"GET /echo HTTP/1.1\nHost: localhost\n\n\r\n\r\n", 400, id="line feeds alone"),
    pytest.param(b"GET /echo HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, id="blank before the colon"),
    pytest.param(b"GET /echo HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 200, id="folded header"),
    pytest.param(b"GET /echo HTTP/1.1\r\nA: b\x00c\r\n\r\n", 400, id="NUL in a header"),
    pytest.param(b"GET http://evil.example/echo HTTP/1.1\r\nHost: localhost\r\n\r\n", 200, id="absolute URL"),
    pytest.param(b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, id="tunnel"),
    pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404, id="asterisk"),
    pytest.param(b"GET /echo HTTP/1.1\r\nA: " + b"x" * 300_000 + b"\r\n\r\n", 431, id="large header"),
    pytest.param(b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\n\r\n", 431, id="long URL"),
    pytest.param(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501, id="encoding"),
    pytest.param(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", 400, id="chunk size"),
    pytest.param(b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400, id="negative chunk"),
    pytest.param(
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n", 400, id="end of a chunk"
    ),
    pytest.param(b"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, id="negative length"),
    pytest.param(b"POST /echo HTTP/1.1\r\nContent-Length: +5\r\n\r\n12345", 400, id="length with a sign"),
    pytest.param(
        b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345", 400, id="two lengths"
    ),
]


class TestOddRequests:
    @pytest.mark.parametrize(("request_bytes", "status"), ODD_REQUESTS)
    def test_malformed_request_gets_a_response_without_a_stack_trace(
        self, connection: socket.socket, port: int, request_bytes: bytes, status: int
    ) -> None:
        connection.sendall(request_bytes)
        received, body = receive(connection)
        assert received == status
        assert "Traceback" not in str(body)
        self._assert_others_are_served(port)

    def test_length_beside_chunks_smuggles_no_request(self, connection: socket.socket) -> None:
        head = b"POST /echo HTTP/1.1\r\nHost: localhost\r\n"
        lengths = b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + lengths + b"0\r\n\r\nGET /echo HTTP/1.1\r\nHost: smuggled\r\n\r\n")
        received = receive_all(connection)
        assert received.startswith(b"HTTP/1.1 400 ")
        assert received.count(b"HTTP/1.1") == 1

    def test_pipelined_requests_get_responses_in_order(self, connection: socket.socket) -> None:
        requests = "\r\n".join(f"GET /text/{size} HTTP/1.1\r\nHost: localhost\r\n" for size in (3, 5, 7))
        connection.sendall(f"{requests}Connection: close\r\n\r\n".encode())
        received = receive_all(connection)
        bodies = [response.rpartition(b"\r\n")[2] for response in received.split(b"HTTP/1.1 200 OK")[1:]]
        assert bodies == [b"x" * 3, b"x" * 5, b"x" * 7]

    def test_old_client_gets_a_response_and_the_connection_ends(self, connection: socket.socket) -> None:
        connection.sendall(b"GET /echo HTTP/1.0\r\n\r\n")
        assert receive_all(connection).startswith(b"HTTP/1.0 200 OK")

    def test_slow_clients_occupy_no_thread(self, port: int) -> None:
        """More of them than there are threads, each in the middle of a request."""
        slow = [socket.create_connection(("127.0.0.1", port), timeout=SECONDS) for _ in range(THREADS + 20)]
        for number, connection in enumerate(slow):
            connection.sendall(
                [b"GET /echo HT", b"POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n123"][number % 2]
            )
        self._assert_others_are_served(port)
        for connection in slow:
            connection.close()
        self._assert_others_are_served(port)

    @staticmethod
    def _assert_others_are_served(port: int) -> None:
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
            connection.sendall(b"GET /text/3 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert receive(connection) == (200, b"xxx")
        assert time.monotonic() - begin < 1
