"""The process that serves the routes: `python -m emulator.http_server FD`, FD a listening socket that it inherits.

It imports the app, writes its description to stdout as one line of JSON, and serves as soon as it reads the line
`serve` from stdin. At the end of stdin it answers what was begun and ends: when its parent says so, and when its
parent is gone.
"""

import importlib
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

from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server
from waitress.task import ErrorTask, WSGITask

from emulator.app_spec import describe
from emulator.errors import EmulatorError
from emulator.gateway import gateway_response, reason, wsgi_application

SERVE = "serve\n"
THREADS = 32
CONNECTIONS = 1000
READ_BYTES = 67_108_864
"""A client that is still sending may never see an answer: up to so many bytes are read before it gets one."""
DRAIN_SECONDS = 3.0
QUIET_SECONDS = 0.25
"""A connection this long without a byte has no request on its way."""
POLL_SECONDS = 0.02


class GatewayErrorTask(ErrorTask):
    """What the server refuses by itself is answered in the shape of the app's errors."""

    def execute(self) -> None:
        request: Any = self.request  # typeshed takes it for an Error
        request.error = GatewayError(request.error.code)
        super().execute()


class GatewayError:
    """In place of waitress.utilities.Error, whose answers are plain text."""

    def __init__(self, code: int) -> None:
        self.code = code

    def to_response(self, ident: str | None = None) -> tuple[str, list[tuple[str, str]], bytes]:  # noqa: ARG002
        status, headers, body = gateway_response(self.code, str(uuid4()))
        return f"{status} {reason(status)}", headers, body


class LastAnswerTask(WSGITask):
    """While the server drains, each answer is its connection's last: the client's next one is the successor's."""

    def build_response_header(self) -> bytes:
        if not self.channel.server.accepting:
            self.set_close_on_finish()
        return super().build_response_header()


class Channel(HTTPChannel):
    """A connection that is told of errors so."""

    task_class = LastAnswerTask
    error_task_class = GatewayErrorTask


def main() -> int:
    """Import, describe, serve. Returns an exit code: 1 if the app can't be had, for the reason on stderr."""
    listener = socket(fileno=int(sys.argv[1]))
    report = _take_stdout()
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a burst may wait for a thread
    try:
        app = importlib.import_module("app").app
        description = describe(app)
    except EmulatorError as fault:
        print(f"error: {fault}", file=sys.stderr)  # noqa: T201  # the terminal is whom it is for
        return 1
    except Exception:  # noqa: BLE001  # a saved file may raise anything
        traceback.print_exc()
        return 1
    print(json.dumps(description.to_dict()), file=report, flush=True)
    if sys.stdin.readline() != SERVE:
        return 0
    server = create_server(
        wsgi_application(app),
        sockets=[listener],
        threads=THREADS,
        connection_limit=CONNECTIONS,
        max_request_body_size=READ_BYTES,
        asyncore_use_poll=True,
        log_socket_errors=False,
    )
    assert isinstance(server, TcpWSGIServer)  # one socket, one server
    server.channel_class = Channel
    Thread(target=_end_with_stdin, args=[server], daemon=True).start()
    server.run()
    return 0


def _take_stdout() -> TextIO:
    """Return stdout for the report, and send what the app prints to stderr."""
    report = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return report


def _end_with_stdin(server: TcpWSGIServer) -> None:
    sys.stdin.read()
    server.accepting = False
    deadline = time.monotonic() + DRAIN_SECONDS
    time.sleep(QUIET_SECONDS)  # a connection may be in the middle of being accepted
    while time.monotonic() < deadline and any(_is_busy(channel) for channel in _channels(server)):
        time.sleep(POLL_SECONDS)
    os._exit(0)  # an open connection would keep the server's own shutdown waiting


def _channels(server: Any) -> list[HTTPChannel]:  # typeshed takes active_channels for one channel
    return list(server.active_channels.values())


def _is_busy(channel: HTTPChannel) -> bool:
    """Whether a request is being received, worked on, or answered, or may have been sent just now."""
    quiet = time.time() - channel.last_activity > QUIET_SECONDS
    return bool(channel.request or channel.requests or channel.total_outbufs_len or not quiet)


if __name__ == "__main__":
    sys.exit(main())
