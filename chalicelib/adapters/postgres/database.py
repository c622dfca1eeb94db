"""Connections, and running one statement on one of them."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable, Row, create_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeftError

from chalicelib.adapters.postgres.logins import Login, log_in_with
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5
"""Seconds."""

STATEMENT_TIMEOUT = 10
"""Seconds, after which the server gives up a statement. Each of ours takes milliseconds."""

CONNECTION = {
    "application_name": "file-loader",
    "connect_timeout": CONNECT_TIMEOUT,
    # A server that is gone without a word is noticed: by the system's defaults that takes minutes to hours.
    "keepalives_idle": STATEMENT_TIMEOUT,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": STATEMENT_TIMEOUT * 1000,
}
"""https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS"""

SESSION = {"options": f"-c statement_timeout={STATEMENT_TIMEOUT}s"}
"""RDS Proxy refuses these; there the database's parameter group says the same (infra/templates/database.yaml)."""

Taken = TypeVar("Taken")


class Database:
    """Runs statements, each of which commits by itself (autocommit): no transaction can be open while S3 is
    called."""

    def __init__(self, url: str, connections: int = 1, login: Login | None = None) -> None:
        """`connections` is how many threads may talk to the database at once; none is opened yet. With a `login`
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
            connect_args=CONNECTION if login else CONNECTION | SESSION,
        )
        if login:
            log_in_with(login, self.engine)

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """Return all rows of the statement's result. Raises ServiceError(DATABASE_UNAVAILABLE)."""
        return self._run(statement, lambda result: result.all())

    def changed(self, statement: Executable) -> int:
        """Return how many rows the statement changed. Raises ServiceError(DATABASE_UNAVAILABLE)."""
        return self._run(statement, lambda result: result.rowcount)

    def _run(self, statement: Executable, take: Callable[[CursorResult[Any]], Taken]) -> Taken:
        try:
            return self._run_with_retry(statement, take)
        except (OperationalError, InterfaceError, NoConnectionLeftError) as fault:
            log.exception("the database is not available")
            raise ServiceError(DATABASE_UNAVAILABLE) from fault

    def _run_with_retry(self, statement: Executable, take: Callable[[CursorResult[Any]], Taken]) -> Taken:
        """Run the statement; once more if its connection turns out to be dead.

        PostgreSQL closes all connections when it restarts or fails over. SQLAlchemy then drops its whole
        pool, so that the second try gets a new one. Every statement of this package may run twice: what the
        first one did, if it got that far, the second finds done.
        """
        try:
            return self._run_once(statement, take)
        except DBAPIError as fault:
            if not fault.connection_invalidated:
                raise
            log.warning("the connection to the database was lost; trying once more")
        return self._run_once(statement, take)

    def _run_once(self, statement: Executable, take: Callable[[CursorResult[Any]], Taken]) -> Taken:
        with self.engine.connect() as connection:
            return take(connection.execute(statement))
