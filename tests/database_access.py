"""A connection of the tests' own to the database of the service, and the statements that the service runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, NullPool, create_engine

from chalicelib.adapters.postgres.database import Database


@contextmanager
def connect_to_url(url: str) -> Iterator[Connection]:
    """Yield a connection, each of whose statements commits by itself."""
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def connect_to(database: Database) -> AbstractContextManager[Connection]:
    """Return such a connection to the same database with the same role."""
    return connect_to_url(database.url)


@contextmanager
def observe_statements(database: Database, observe: Callable[[str, Mapping[str, Any]], object]) -> Iterator[None]:
    """Call `observe` with each statement that the service sends, and its parameters."""
    run: Any = database._run_once

    def run_observed(statement: str, parameters: Mapping[str, Any], fetch: Any) -> Any:
        observe(statement, parameters)
        return run(statement, parameters, fetch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "_run_once", run_observed)
        yield
