"""The open connections to the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

import psycopg2

from chalicelib.adapters.postgres.connection import CONNECT_TIMEOUT, Connection


class NoConnectionLeftError(Exception):
    """All connections have been in use for too long."""


class ConnectionPool:
    """Keeps connections, each of which one thread uses at a time.

    psycopg2's own pool raises an error where a thread has to wait, and opens all of its connections at once.
    """

    def __init__(self, connect: Callable[[], Connection], size: int) -> None:
        """`connect` opens a connection: up to `size` of them, each when it is needed."""
        self._connect = connect
        self._size = size
        self._unused = BoundedSemaphore(size)
        self._idle: list[Connection] = []
        self._times_closed = 0

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Take the connection that was used last, or a new one, and keep it for later, unless it was lost or an
        interruption leaves a statement unfinished.

        Raises NoConnectionLeftError after CONNECT_TIMEOUT, and what `connect` raises.
        """
        if not self._unused.acquire(timeout=CONNECT_TIMEOUT):
            raise NoConnectionLeftError(f"all {self._size} have been in use for {CONNECT_TIMEOUT} s")
        try:
            times_closed = self._times_closed
            connection = self._take_idle() or self._connect()
            is_reusable = False
            try:
                yield connection
                is_reusable = True
            except psycopg2.Error:
                is_reusable = True
                raise
            finally:
                if is_reusable and not connection.closed and times_closed == self._times_closed:
                    self._idle.append(connection)
                else:
                    connection.close()
        finally:
            self._unused.release()

    def _take_idle(self) -> Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def close(self) -> None:
        """Close all connections: those that are in use, when they no longer are. Later calls open new ones."""
        self._times_closed += 1
        while connection := self._take_idle():
            connection.close()
