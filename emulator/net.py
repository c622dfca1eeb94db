"""TCP ports and HTTP requests on this machine."""

import errno
import socket
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from emulator.errors import EmulatorError

LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104  # nosec B104  # the meaning of an empty address
USER_AGENT = "file-loader-emulator"
"""Part of the User-Agent of the emulator's own requests."""
BACKLOG = 1024
"""How many connections may wait to be accepted."""


def listen(port: int, option: str, host: str = LOOPBACK) -> socket.socket:
    """Return a socket that listens on the port, on any free one for 0.

    Raises EmulatorError, naming the command line's option, if that isn't possible.
    """
    try:
        return socket.create_server((host, port), backlog=BACKLOG)
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"can't be used ({error.strerror})"
        raise EmulatorError(
            f"port {port} of {host} {reason}; stop the program that uses it, or choose another port: "
            f"{option} 0 takes any free one"
        ) from None


def http_status(url: str, path: str) -> int | None:
    """Return the status of a GET request, None if there is no response within a second."""
    address = urlsplit(url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()
