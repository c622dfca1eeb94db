"""Connections to one HTTP server, which are used again.

Python's own client (`http.client`), because it is loaded and sends a request in less time than urllib3, which is
built on it: docs/decisions/0045-s3-without-boto3.md.
"""

import select
import ssl
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit
from weakref import finalize

from msgspec import Struct

from chalicelib.adapters.s3.errors import NoResponseError
from chalicelib.adapters.s3.timeouts import Timeouts
from chalicelib.adapters.s3.tls import make_context


class Response(Struct, frozen=True):
    """What the server responded."""

    status: int
    headers: Mapping[str, str]
    """Their names in lower case."""
    body: bytes

    def require(self, name: str) -> str:
        """Return a header. Raises NoResponseError if there is none, as where a proxy responds instead of S3."""
        if name not in self.headers:
            raise NoResponseError(f"malformed response, no {name}")
        return self.headers[name]


class ConnectionPool:
    """Sends requests, for any number of threads. There are as many connections as there were requests at once."""

    def __init__(self, url: str) -> None:
        """Only the scheme, the host and the port of the URL count."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._host, self._port = parts.hostname, parts.port
        self._is_secure = parts.scheme == "https"
        self._context: ssl.SSLContext | None = None
        self._idle: deque[HTTPConnection] = deque()
        finalize(self, _close_all, self._idle)

    def request(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, timeouts: Timeouts
    ) -> Response:
        """Send a request, read the whole response and return it.

        Raises OSError and HTTPException, and NoResponseError for a header that can't be sent.
        """
        connection = self._take_idle() or self._connect(timeouts)
        try:
            connection.sock.settimeout(timeouts.read)
            _send(connection, method, target, body, headers)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.headers.items()}
            result = Response(response.status, received, response.read())
        except BaseException:
            connection.close()
            raise
        if response.will_close:
            connection.close()
        else:
            self._idle.append(connection)
        return result

    def close_idle(self) -> None:
        """Close the connections that aren't in use."""
        _close_all(self._idle)

    def _take_idle(self) -> HTTPConnection | None:
        """Return the connection that was used last, if the server hasn't closed it."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                return None
            if not _is_readable(connection):
                return connection
            connection.close()

    def _connect(self, timeouts: Timeouts) -> HTTPConnection:
        connection = self._make_connection(timeouts)
        try:
            connection.connect()
        except ssl.SSLCertVerificationError:
            connection.close()
            self._context = make_context(all_authorities=True)
            connection = self._make_connection(timeouts)
            connection.connect()
        return connection

    def _make_connection(self, timeouts: Timeouts) -> HTTPConnection:
        if not self._is_secure:
            return HTTPConnection(self._host, self._port, timeout=timeouts.connect)
        if self._context is None:
            self._context = make_context()
        return HTTPSConnection(self._host, self._port, timeout=timeouts.connect, context=self._context)


def _send(
    connection: HTTPConnection, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
) -> None:
    try:
        connection.request(method, target, body, headers)
    except (BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
        # S3 may refuse a request by its headers, and close the connection while the body is on its way. Over TLS
        # that is the third of these.
        return
    except ValueError as error:  # its text has the header, which may be a token
        raise NoResponseError(f"unsendable header, {type(error).__name__}") from None


def _close_all(connections: deque[HTTPConnection]) -> None:
    with suppress(IndexError):  # other threads take them, too
        while True:
            connections.pop().close()


def _is_readable(connection: HTTPConnection) -> bool:
    """Return whether an idle connection has something to read, which is its end, or a response to nothing."""
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))
