"""Running a statement on a connection to the database."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from psycopg2 import DatabaseError, Error, InterfaceError, OperationalError

from chalicelib.adapters.postgres.auth import Auth
from chalicelib.adapters.postgres.connection import Connection, open_connection, parse_url
from chalicelib.adapters.postgres.connection_pool import ConnectionPool, NoConnectionLeftError
from chalicelib.adapters.postgres.errors import StatementError, describe_error
from chalicelib.core.errors import DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, ServiceError

log = logging.getLogger(__name__)

DISK_FULL = "53100"
READ_ONLY = "25006"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html
The second one comes from a standby that is about to be promoted, and where an administrator or a hosting company
has made the database read-only before its disk is full."""

Row = Any
"""A named tuple of the columns."""

Cursor = Any
"""psycopg2 has no types."""

T = TypeVar("T")


class ConnectionLostError(Exception):
    """The connection was closed before the result of a statement arrived."""


class Database:
    """Runs statements, each of which commits by itself (autocommit): no transaction can be open while S3 is
    called.

    A statement is SQL with parameters, written `%(name)s`; a literal `%` is written `%%`.
    """

    def __init__(self, url: str, connections: int = 1, auth: Auth | None = None) -> None:
        """`connections` is how many threads may use the database at once; none is opened yet. With `auth`
        the URL names an RDS Proxy and holds no password.

        Raises ServiceError(DATABASE_UNAVAILABLE) without a URL, or with one that can't be read.
        """
        if not url:
            log.error("DATABASE_URL is not set")
            raise ServiceError(DATABASE_UNAVAILABLE)
        try:
            parameters = parse_url(url)
        except ValueError as error:
            log.error("DATABASE_URL is not a URL: %s", error)  # noqa: TRY400  # the stack trace says nothing more
            raise ServiceError(DATABASE_UNAVAILABLE) from None
        self.url = url
        self._pool = ConnectionPool(lambda: open_connection(parameters, auth), connections)

    def close(self) -> None:
        """Close the connections. The next statement opens a new one."""
        self._pool.close()

    def read(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Return all rows of the result of a statement that stores nothing of the client's.

        Raises ServiceError(DATABASE_UNAVAILABLE), also when it needs a temporary file and the disk is full: "no
        space to store this" would be wrong.
        """
        try:
            return self.fetch_all(statement, parameters)
        except ServiceError:
            raise ServiceError(DATABASE_UNAVAILABLE) from None

    def fetch_all(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Return all rows of the result of a statement that changes rows.

        Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        return self._run(statement, parameters, lambda cursor: cursor.fetchall())

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement and return how many rows it changed.

        Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        return int(self._run(statement, parameters, lambda cursor: cursor.rowcount))

    def _run(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None,
        fetch: Callable[[Cursor], T],
    ) -> T:
        try:
            return self._run_with_retry(statement, parameters or {}, fetch)
        except (OperationalError, InterfaceError, NoConnectionLeftError, ConnectionLostError) as error:
            if _sqlstate(error) == DISK_FULL:
                log.error("the database has no space left")  # noqa: TRY400  # the stack trace says nothing more
                raise ServiceError(INSUFFICIENT_STORAGE) from None
            log.error("the database is not available: %s", describe_error(error))  # noqa: TRY400  # it quotes values
            raise ServiceError(DATABASE_UNAVAILABLE) from None
        except Error as error:
            if _sqlstate(error) == READ_ONLY:
                log.error("the database can only be read")  # noqa: TRY400  # the stack trace says nothing more
                raise ServiceError(DATABASE_UNAVAILABLE) from None
            raise StatementError(describe_error(error)) from None

    def _run_with_retry(self, statement: str, parameters: Mapping[str, Any], fetch: Callable[[Cursor], T]) -> T:
        """Run the statement; retry once if its connection turns out to be dead.

        PostgreSQL closes all connections when it restarts or fails over, so that the retry must not get another
        one of the pool's. Every statement of this package is idempotent: if the first run took effect, the second
        one finds it done.
        """
        try:
            return self._run_once(statement, parameters, fetch)
        except ConnectionLostError:
            log.warning("the connection to the database was lost; retrying once")
        self._pool.close()
        return self._run_once(statement, parameters, fetch)

    def _run_once(self, statement: str, parameters: Mapping[str, Any], fetch: Callable[[Cursor], T]) -> T:
        with self._pool.connection() as connection, connection.cursor() as cursor:
            try:
                cursor.execute(statement, parameters)
                return fetch(cursor)
            except Error as error:
                if _is_lost(error, connection):
                    raise ConnectionLostError(describe_error(error)) from None
                raise


def _sqlstate(error: Exception) -> str | None:
    """Return the code of PostgreSQL's error, None where it has raised none."""
    return getattr(error, "pgcode", None)


def _is_lost(error: Error, connection: Connection) -> bool:
    """Return whether PostgreSQL hasn't responded, because the connection was closed.

    Where libpq couldn't send the statement, but still reads what the server sent before it died, the connection
    doesn't count as closed. psycopg2 raises its most general error then, without a code.
    """
    return bool(connection.closed) or (type(error) is DatabaseError and error.pgcode is None)
