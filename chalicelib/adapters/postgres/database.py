"""Connections to the database, and running a statement on one of them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from chalicelib.adapters.postgres.auth import Auth, use_auth
from chalicelib.adapters.postgres.errors import StatementError, describe_error
from chalicelib.core.errors import DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE, ServiceError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5
"""Seconds."""

STATEMENT_TIMEOUT = 10
"""Seconds, after which the server cancels a statement. Each one of this service takes milliseconds."""

CONNECTION = {
    "application_name": "file-loader",
    "connect_timeout": CONNECT_TIMEOUT,
    # Detect a server that is gone without closing its connections, which takes minutes to hours by default.
    "keepalives_idle": STATEMENT_TIMEOUT,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": STATEMENT_TIMEOUT * 1000,
}
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"""

SESSION = {"options": f"-c statement_timeout={STATEMENT_TIMEOUT}s"}
"""RDS Proxy refuses these; there the database's parameter group sets the same (infra/templates/database.yaml)."""

DISK_FULL = "53100"
READ_ONLY = "25006"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html
The second one comes from a standby that is about to be promoted, and where an administrator or a hosting company
has made the database read-only before its disk is full."""

T = TypeVar("T")


class Database:
    """Runs statements, each of which commits by itself (autocommit): no transaction can be open while S3 is
    called."""

    def __init__(self, url: str, connections: int = 1, auth: Auth | None = None) -> None:
        """`connections` is how many threads may use the database at once; none is opened yet. With `auth`
        the URL names an RDS Proxy and holds no password.

        Raises ServiceError(DATABASE_UNAVAILABLE) without a URL.
        """
        if not url:
            log.error("DATABASE_URL is not set")
            raise ServiceError(DATABASE_UNAVAILABLE)
        self.engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=connections,
            max_overflow=0,
            pool_timeout=CONNECT_TIMEOUT,
            hide_parameters=True,
            connect_args=CONNECTION if auth else CONNECTION | SESSION,
        )
        if auth:
            use_auth(auth, self.engine)

    def read(self, statement: str | Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Return all rows of the result of a statement that stores nothing of the client's.

        Raises ServiceError(DATABASE_UNAVAILABLE), also when it needs a temporary file and the disk is full: "no
        space to store this" would be wrong.
        """
        try:
            return self.fetch_all(statement, parameters)
        except ServiceError:
            raise ServiceError(DATABASE_UNAVAILABLE) from None

    def fetch_all(
        self, statement: str | Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[Any]]:
        """Return all rows of the result of a statement that changes rows.

        Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        return self._run(statement, lambda result: result.all(), parameters)

    def execute(self, statement: str | Executable, parameters: Mapping[str, Any] | None = None) -> int:
        """Run the statement and return how many rows it changed.

        Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        return self._run(statement, lambda result: result.rowcount, parameters)

    def _run(
        self,
        statement: str | Executable,
        fetch: Callable[[CursorResult[Any]], T],
        parameters: Mapping[str, Any] | None = None,
    ) -> T:
        try:
            return self._run_with_retry(statement, fetch, parameters)
        except (OperationalError, InterfaceError, NoConnectionLeftError) as error:
            if _sqlstate(error) == DISK_FULL:
                log.error("the database has no space left")  # noqa: TRY400  # the stack trace says nothing more
                raise ServiceError(INSUFFICIENT_STORAGE) from None
            log.error("the database is not available: %s", describe_error(error))  # noqa: TRY400  # it quotes values
            raise ServiceError(DATABASE_UNAVAILABLE) from None
        except DBAPIError as error:
            if _sqlstate(error) == READ_ONLY:
                log.error("the database can only be read")  # noqa: TRY400  # the stack trace says nothing more
                raise ServiceError(DATABASE_UNAVAILABLE) from None
            raise StatementError(describe_error(error)) from None

    def _run_with_retry(
        self,
        statement: str | Executable,
        fetch: Callable[[CursorResult[Any]], T],
        parameters: Mapping[str, Any] | None,
    ) -> T:
        """Run the statement; retry once if its connection turns out to be dead.

        PostgreSQL closes all connections when it restarts or fails over. SQLAlchemy then drops its whole
        pool, so that the retry gets a new connection. Every statement of this package is idempotent: if the
        first run took effect, the second one finds it done.
        """
        try:
            return self._run_once(statement, fetch, parameters)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            log.warning("the connection to the database was lost; retrying once")
        return self._run_once(statement, fetch, parameters)

    def _run_once(
        self,
        statement: str | Executable,
        fetch: Callable[[CursorResult[Any]], T],
        parameters: Mapping[str, Any] | None,
    ) -> T:
        with self.engine.connect() as connection:
            if isinstance(statement, str):
                return fetch(connection.exec_driver_sql(statement, dict(parameters or {})))
            return fetch(connection.execute(statement, parameters))


def _sqlstate(error: Exception) -> str | None:
    """Return the code of PostgreSQL's error, None where it has raised none."""
    return getattr(error.orig, "pgcode", None) if isinstance(error, DBAPIError) else None
