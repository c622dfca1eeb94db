"""Counts what a call costs: statements and S3 requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import NullPool, create_engine, event, text

from chalicelib import container
from tests.integration.s3_observer import observe_requests

OPEN_TRANSACTIONS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
"""


@dataclass
class Costs:
    """Counts statements and S3 requests."""

    statements: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    open_transactions: list[int] = field(default_factory=list)

    def take(self) -> tuple[int, int]:
        """Return the number of statements and S3 requests since the last call."""
        counted = len(self.statements), len(self.requests)
        self.statements.clear()
        self.requests.clear()
        return counted


@contextmanager
def count_costs() -> Iterator[Costs]:
    """Count what the app's calls cost. It must be connected: SQLAlchemy asks the server a few things once. Fails
    if a transaction was open during an S3 request."""
    costs = Costs()

    @event.listens_for(container.database().engine, "before_cursor_execute")
    def count_statement(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        costs.statements.append(statement)

    def count_request(method: str, url: str) -> None:
        costs.requests.append(f"{method} {url}")
        with observer.connect() as connection:
            costs.open_transactions.append(connection.execute(text(OPEN_TRANSACTIONS)).scalar_one())

    observer = create_engine(container.settings().database_url, poolclass=NullPool)
    observe_requests(container.storage(), count_request)
    yield costs
    assert set(costs.open_transactions) <= {0}, "a transaction was open during an S3 request"
