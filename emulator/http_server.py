"""The HTTP server of the routes: waitress with API Gateway's limits and error responses.

`python -m emulator.http_server FD` is the process that the supervisor starts. FD is a listening socket that it
inherits. It imports the app, writes the AppSpec to stdout as one line of JSON, and serves when it reads the line
`serve` from stdin. If it can't use the app, the line is the reason, a string, or is missing after a traceback. At
the end of stdin, which is also the supervisor's end, it completes the requests that have begun and exits.
"""

import io
import json
import logging
import os
import sys
import time
import traceback
from socket import socket
from threading import Thread
from typing import Any, TextIO
from uuid import uuid4

from chalice.app import Chalice
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import RequestEntityTooLarge

from emulator.app_import import get_app_variable, import_app
from emulator.app_spec import read_app_spec
from emulator.errors import EmulatorError
from emulator.gateway import PAYLOAD_BYTES, gateway_response, reason_phrase, wsgi_application

SERVE_COMMAND = "serve\n"
THREADS = 32
"""Besides those in which long polls wait."""
MAX_CONNECTIONS = 1000
MAX_READ_BYTES = 67_108_864
"""How much of a request is read before it is refused. A client that is still sending may not read the response."""
MAX_MEMORY_BYTES = PAYLOAD_BYTES + 1
"""More of a request or a response would be kept in a temporary file; on a full disk its connection is closed."""
DRAIN_SECONDS = 3.0
IDLE_SECONDS = 0.25
"""A connection that has been silent for this long has no request on its way."""
POLL_SECONDS = 0.02


class GatewayErrorTask(ErrorTask):
    """Sends the server's own errors in the shape of the app's."""

    @property
    def has_body(self) -> bool:
        return super().has_body and not _is_head(self)

    def execute(self) -> None:
        request: Any = self.request  # typeshed types it as an Error
        request.error = GatewayError(request.error.code, has_body=self.has_body)
        super().execute()


class GatewayError:
    """Replaces waitress.utilities.Error, whose responses are plain text."""

    def __init__(self, code: int, *, has_body: bool) -> None:
        self.code = code
        self._has_body = has_body

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002
        status, headers, body = gateway_response(self.code, str(uuid4()), get_app_variable("cors_origins", ()))
        return f"{status} {reason_phrase(status)}", headers, body if self._has_body else b""


class ResponseTask(WSGITask):
    """Keeps the connection open after a response, also after one that has no body.

    While the server drains, it closes the connection: the client's next request then goes to the process that has
    replaced this one.
    """

    @property
    def has_body(self) -> bool:
        return super().has_body and not _is_head(self)

    def build_response_header(self) -> bytes:
        if self._is_draining():
            self.set_close_on_finish()
        return super().build_response_header()

    def set_close_on_finish(self) -> None:
        """Close the connection after the response.

        Waitress also does this where a response has no Content-Length, although one that can't have a body ends
        with its headers. https://www.rfc-editor.org/rfc/rfc9112#section-6.3
        """
        request: Any = self.request  # typeshed types it as an Error
        is_last = self.version == "1.0" or request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or is_last or self._is_draining():
            super().set_close_on_finish()

    def _is_draining(self) -> bool:
        return not self.channel.server.accepting


class RequestParser(HTTPRequestParser):
    """Refuses two kinds of requests that waitress accepts.

    - A body that is too large and for which the client waits to be asked (`Expect: 100-continue`): it isn't sent.
    - A chunked body with a Content-Length, of which a proxy in front may see another end than waitress (request
      smuggling). https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    """

    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.expect_continue and not self.completed and self.content_length > PAYLOAD_BYTES:
            self.error = RequestEntityTooLarge(f"more than {PAYLOAD_BYTES} bytes")
            self.completed = True
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length beside Transfer-Encoding")


class Channel(HTTPChannel):
    """A connection that uses the classes above."""

    task_class = ResponseTask
    error_task_class = GatewayErrorTask
    parser_class = RequestParser

    def send_continue(self) -> None:
        """Ask for the body that the client has announced.

        Waitress asks also where none will come, because the request has no body or is refused. It then waits for
        one and never responds. https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
        """
        if self.request is not None and not self.request.completed:
            super().send_continue()


def build_server(app: Chalice, listener: socket) -> TcpWSGIServer:
    """Return a server of the app's routes on a listening socket."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it warns when requests wait for a thread
    server = create_server(
        wsgi_application(app, get_app_variable("cors_origins", ())),
        sockets=[listener],
        threads=THREADS + get_app_variable("max_long_polls", 0),
        connection_limit=MAX_CONNECTIONS,
        max_request_body_size=MAX_READ_BYTES,
        inbuf_overflow=MAX_MEMORY_BYTES,
        outbuf_overflow=MAX_MEMORY_BYTES,
        asyncore_use_poll=True,
        log_socket_errors=False,
    )
    assert isinstance(server, TcpWSGIServer)  # as there is one socket
    server.channel_class = Channel
    return server


def drain_and_exit(server: TcpWSGIServer) -> None:
    """Complete the requests that have begun, for at most DRAIN_SECONDS, and end this process with code 0."""
    server.accepting = False
    deadline = time.monotonic() + DRAIN_SECONDS
    time.sleep(IDLE_SECONDS)  # a connection may just be being accepted
    while time.monotonic() < deadline and any(_is_busy(channel) for channel in _channels(server)):
        time.sleep(POLL_SECONDS)
    sys.stdout.flush()
    os._exit(0)  # the server's own shutdown would wait for open connections


def main() -> int:
    """Run as the supervisor's child. Return 1 if the app can't be imported."""
    listener = socket(fileno=int(sys.argv[1]))
    supervisor = _redirect_stdout()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    try:
        app = import_app()
        app_spec = read_app_spec(app)
    except EmulatorError as error:
        print(json.dumps(str(error)), file=supervisor, flush=True)
        return 1
    except Exception:  # noqa: BLE001  # importing a saved file may raise anything
        traceback.print_exc()
        return 1
    print(json.dumps(app_spec.to_dict()), file=supervisor, flush=True)
    if sys.stdin.readline() != SERVE_COMMAND:
        return 0
    server = build_server(app, listener)
    Thread(target=_drain_at_end_of_stdin, args=[server], daemon=True).start()
    server.run()
    return 0


def _redirect_stdout() -> TextIO:
    """Return stdout for the AppSpec, and redirect what the app prints to stderr, line by line."""
    supervisor = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    return supervisor


def _drain_at_end_of_stdin(server: TcpWSGIServer) -> None:
    sys.stdin.read()
    drain_and_exit(server)


def _channels(server: Any) -> list[HTTPChannel]:  # typeshed types active_channels as one channel
    return list(server.active_channels.values())


def _is_head(task: Task) -> bool:
    """Return whether the request is HEAD; the method of a malformed one may be unknown."""
    return getattr(task.request, "command", "") == "HEAD"


def _is_busy(channel: HTTPChannel) -> bool:
    """Return whether a request is being received, processed or responded to, or may just have been sent."""
    is_idle = time.time() - channel.last_activity > IDLE_SECONDS
    return bool(channel.request or channel.requests or channel.total_outbufs_len or not is_idle)


if __name__ == "__main__":
    sys.exit(main())
