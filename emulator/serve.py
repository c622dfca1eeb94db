"""Serve the app's routes, with nothing else: `python -m emulator.serve --host 0.0.0.0 --port 8000`.

For docker compose, where PostgreSQL and AWS are other containers, whose addresses are in the environment. It is
the HTTP server of `python -m emulator`, with the same limits and error responses. Log lines are JSON.
"""

import argparse
import os
import signal
import sys
from threading import Thread

from emulator.app_import import import_app
from emulator.arguments import port_number
from emulator.errors import EmulatorError
from emulator.http_server import build_server, drain_and_exit
from emulator.net import EVERY_ADDRESS, LOOPBACK, listen


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Return 1 if the port can't be used, or a setting is invalid."""
    parser = argparse.ArgumentParser(prog="python -m emulator.serve", description=__doc__)
    parser.add_argument("--host", default=LOOPBACK, help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=port_number, default=8000, help="port of the routes, 0 for any (%(default)s)"
    )
    options = parser.parse_args(arguments)
    # In compose, where this listens at every address of its container, BIND_ADDRESS says who reaches that.
    os.environ.setdefault("BIND_ADDRESS", options.host or EVERY_ADDRESS)
    try:
        listener = listen(options.port, "--port", options.host)
        server = build_server(import_app(), listener)
    except EmulatorError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  # a command-line program
        return 1

    def stop(number: int, frame: object) -> None:  # noqa: ARG001  # the signature of signal.signal
        Thread(target=drain_and_exit, args=[server], daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    host, port = listener.getsockname()[:2]
    print(f"ready http://{host}:{port}", flush=True)  # noqa: T201  # a command-line program
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
