"""Let statements wait for each other, so that each has seen the database as it was before the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

from sqlalchemy import NullPool, create_engine, text

from chalicelib.adapters.postgres.database import Database

WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@contextmanager
def locked(database: Database, table: str, waiting: int) -> Iterator[None]:
    """Lock the rows of a table, until as many statements as given wait that were begun inside."""
    engine = create_engine(database.url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"SELECT FROM {table} FOR UPDATE"))  # no input
        yield
        end = monotonic() + 8
        with engine.connect() as observer:
            while observer.execute(WAITING).scalar_one() < waiting:
                observer.rollback()
                assert monotonic() < end, "the statements don't wait"
                sleep(0.01)
