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

from chalice.app import Chalice
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer, create_server

from emulator.app_import import get_app_variable, import_app
from emulator.app_spec_reader import read_app_spec
from emulator.errors import EmulatorError
from emulator.gateway import PAYLOAD_BYTES, wsgi_application
from emulator.http_connection import Channel
from emulator.http_server_protocol import DRAIN_SECONDS, SERVE_COMMAND
from emulator.page_origins import page_origins

THREADS = 32
"""Besides those in which long polls wait."""
MAX_CONNECTIONS = 1000
MAX_READ_BYTES = 67_108_864
"""How much of a request is read before it is refused. A client that is still sending may not read the response."""
MAX_MEMORY_BYTES = PAYLOAD_BYTES + 1
"""More of a request or a response would be kept in a temporary file; on a full disk its connection is closed."""
IDLE_SECONDS = 0.25
"""A connection that has been silent for this long has no request on its way."""
POLL_SECONDS = 0.02


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
        uploaders = [*get_app_variable("cors_origins", ()), *page_origins(os.environ.get("PUBLIC_URL", ""))]
        app_spec = read_app_spec(app, uploaders)
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


def _is_busy(channel: HTTPChannel) -> bool:
    """Return whether a request is being received, processed or responded to, or may just have been sent."""
    is_idle = time.time() - channel.last_activity > IDLE_SECONDS
    return bool(channel.request or channel.requests or channel.total_outbufs_len or not is_idle)


if __name__ == "__main__":
    sys.exit(main())
