"""Scans for malware by ClamAV's daemon clamd, over TCP.

The object is streamed with the command INSTREAM: a chunk is its length, four bytes in network byte order, and its
bytes, and a chunk of length 0 ends the stream. The response ends with a NUL, as the command does: `stream: OK`,
`stream: NAME FOUND`, `stream: REASON ERROR`, or `INSTREAM size limit exceeded. ERROR` as soon as there are more
bytes than clamd's StreamMaxLength.
https://docs.clamav.net/manual/Usage/ClamdProtocol.html

clamd reports what exceeds its other limits (MaxFileSize, MaxScanSize, MaxRecursion), and what is encrypted, as OK,
unless its configuration has `AlertExceedsMax yes` and `AlertEncrypted yes`: see infra/clamd.conf.
"""

import logging
import re
import select
import socket
import time
from collections.abc import Callable, Iterable, Iterator

from chalicelib.core.scanning.ports import ScannerUnavailableError
from chalicelib.core.scanning.verdicts import ScanResult, Verdict

log = logging.getLogger(__name__)

SECONDS = 30
"""Time limit of one scan. The functions' timeouts have to leave time for it: tests/unit/test_time_limits.py."""

CONNECT_SECONDS = 3

PIECE = 64 * 1024
"""Bytes of a chunk of the stream."""

MAX_RESPONSE = 4096
"""Bytes. A response is a line with the name of a threat."""

_SIZE_LIMIT = "INSTREAM size limit exceeded"

_ABOUT_CONTENT = re.compile(r"stream: (?:OK|(?P<name>.+) FOUND|(?P<reason>.+) ERROR)")

_NOT_SCANNED = ("Heuristics.Limits.Exceeded", "Heuristics.Encrypted")
"""The beginnings of names that are no threats, but say that clamd didn't scan all of the content."""


class ClamavScanner:
    """Implements `chalicelib.core.scanning.ports.Scanner`. Each scan has a connection of its own."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._seconds, self._clock = address, seconds, clock

    def scan(self, chunks: Iterable[bytes]) -> ScanResult:
        deadline = self._clock() + self._seconds
        with self._connect() as connection:
            self._send(connection, b"zINSTREAM\0", deadline)
            is_whole = all(
                not _has_response(connection) and self._send(connection, piece, deadline)
                for piece in _pieces(chunks)
            )
            result = parse_response(self._receive(connection, deadline))
        if result.verdict is Verdict.CLEAN and not is_whole:
            raise ScannerUnavailableError("ClamAV responded OK before it had all bytes")
        return result

    def _connect(self) -> socket.socket:
        try:
            return socket.create_connection(self._address, CONNECT_SECONDS)
        except OSError as error:
            raise ScannerUnavailableError(f"ClamAV can't be reached: {error}") from None

    def _send(self, connection: socket.socket, data: bytes, deadline: float) -> bool:
        """Send the data and return True; False if clamd has closed the connection, after a response."""
        connection.settimeout(self._remaining(deadline))
        try:
            connection.sendall(data)
        except TimeoutError:
            raise _timeout() from None
        except OSError:
            return False
        return True

    def _receive(self, connection: socket.socket, deadline: float) -> str:
        response = b""
        while not response.endswith(b"\0") and len(response) <= MAX_RESPONSE:
            connection.settimeout(self._remaining(deadline))
            try:
                received = connection.recv(MAX_RESPONSE)
            except TimeoutError:
                raise _timeout() from None
            except OSError as error:
                raise ScannerUnavailableError(f"ClamAV closed the connection: {error}") from None
            if not received:
                raise ScannerUnavailableError("ClamAV closed the connection without a whole response")
            response += received
        return response.rstrip(b"\0").decode(errors="replace")

    def _remaining(self, deadline: float) -> float:
        remaining = deadline - self._clock()
        if remaining <= 0:
            raise _timeout()
        return remaining


def parse_response(response: str) -> ScanResult:
    """Return the verdict of a response. Raises ScannerUnavailableError if it isn't about the content."""
    if response.startswith(_SIZE_LIMIT):
        return ScanResult(Verdict.UNSUPPORTED)
    match = _ABOUT_CONTENT.fullmatch(response)
    if match is None:
        raise ScannerUnavailableError(f"ClamAV responded {response!r}")
    if match["reason"]:
        log.error("ClamAV failed at a file: %s", match["reason"])
        return ScanResult(Verdict.FAILED)
    name = match["name"]
    if name is None:
        return ScanResult(Verdict.CLEAN)
    return ScanResult(Verdict.UNSUPPORTED) if name.startswith(_NOT_SCANNED) else ScanResult(Verdict.INFECTED, name)


def _timeout() -> ScannerUnavailableError:
    return ScannerUnavailableError("ClamAV took too long")


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the stream as it is sent, with its end."""
    for chunk in chunks:
        for start in range(0, len(chunk), PIECE):
            piece = chunk[start : start + PIECE]
            yield len(piece).to_bytes(4) + piece
    yield bytes(4)


def _has_response(connection: socket.socket) -> bool:
    """Return whether there is a response already: nothing more needs to be sent, and what is could reset the
    connection before the response is read."""
    return bool(select.select([connection], [], [], 0)[0])
