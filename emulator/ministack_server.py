"""Serves MiniStack's application: `python -m emulator.ministack_server APPLICATION DESCRIPTOR`.

MiniStack brings hypercorn, whose HTTP is written in Python. uvicorn with httptools takes a third of that time:
docs/decisions/0051-processor-time-of-the-emulator.md.
"""

import argparse
from socket import socket

import uvicorn
from uvicorn.importer import import_from_string
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from emulator.asgi import Application, Event, Receive, Send

KEEP_ALIVE_SECONDS = 75
"""Longer than clients keep an idle connection."""
SHUTDOWN_SECONDS = 3
"""How long requests that have begun get to complete."""


class Connection(HttpToolsProtocol):
    """A connection that responds to a request also when its client then sends nothing more, or nonsense.

    uvicorn would close the connection, or respond to the nonsense first.
    """

    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's returns None; True keeps the connection open
        """Return whether a response is still to be sent."""
        return self._closes_after_response()

    def send_400_response(self, msg: str) -> None:
        """Refuse what was received, unless a response is still to be sent."""
        if not self._closes_after_response():
            super().send_400_response(msg)

    def _closes_after_response(self) -> bool:
        """Let the response to a request that was received as a whole be the last. Return False without one."""
        if self.cycle is None or self.cycle.response_complete or self.cycle.more_body:
            return False
        self.cycle.keep_alive = False
        return True


class UnreadBodies:
    """An application that closes a connection whose client waits to be asked for a body that isn't read.

    uvicorn keeps it open, and would take the next request for that body.
    https://www.rfc-editor.org/rfc/rfc9110#section-10.1.1
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        if scope["type"] != "http" or dict(scope["headers"]).get(b"expect", b"").lower() != b"100-continue":
            return await self._application(scope, receive, send)
        is_asked = False

        async def ask() -> Event:
            nonlocal is_asked
            is_asked = True
            return await receive()

        async def send_closing(event: Event) -> None:
            if event["type"] == "http.response.start" and not is_asked:
                event = {**event, "headers": [*event["headers"], (b"connection", b"close")]}
            await send(event)

        return await self._application(scope, ask, send_closing)


def main() -> None:
    """Serve until SIGTERM, at which MiniStack stores its state."""
    parser = argparse.ArgumentParser(prog="python -m emulator.ministack_server", description=__doc__)
    parser.add_argument("application", help="MODULE:FUNCTION that returns the application")
    parser.add_argument("descriptor", type=int, help="of the listening socket")
    options = parser.parse_args()
    config = uvicorn.Config(
        UnreadBodies(import_from_string(options.application)()),
        loop="asyncio",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,  # MiniStack configures logging
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,  # MiniStack sends one
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    # Not by its `fd`, which it takes for a Unix socket, so that small packets would wait for others (TCP_NODELAY).
    uvicorn.Server(config).run([socket(fileno=options.descriptor)])


if __name__ == "__main__":
    main()
