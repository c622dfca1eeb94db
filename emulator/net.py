"""Ports of 127.0.0.1: listening, and asking who listens."""

import errno
import socket
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from emulator.errors import EmulatorError

WAITING_CONNECTIONS = 1024


def listen(port: int, option: str) -> socket.socket:
    """Return a socket that listens on this port of 127.0.0.1, on any free one for 0.

    Raises EmulatorError, naming the command line's option, if the port can't be had.
    """
    try:
        return socket.create_server(("127.0.0.1", port), backlog=WAITING_CONNECTIONS)
    except OSError as fault:
        why = "is in use" if fault.errno == errno.EADDRINUSE else f"can't be used ({fault.strerror})"
        raise EmulatorError(
            f"port {port} of 127.0.0.1 {why}; stop what listens there, or choose another: {option} 0 takes any"
        ) from None


def answers(url: str, path: str) -> int | None:
    """Return the status of a GET, None if no answer comes within a second."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
