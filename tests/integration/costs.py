"""Counts what a call costs: statements and S3 requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import NullPool, create_engine, text

from chalicelib import container
from tests.database_access import observe_statements
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
    """Count what the app's calls cost. Fails if a transaction was open during an S3 request."""
    costs = Costs()

    def count_request(method: str, url: str) -> None:
        costs.requests.append(f"{method} {url}")
        with observer.connect() as connection:
            costs.open_transactions.append(connection.execute(text(OPEN_TRANSACTIONS)).scalar_one())

    observer = create_engine(container.settings().database_url, poolclass=NullPool)
    observe_requests(container.storage(), count_request)
    with observe_statements(container.database(), lambda statement, _: costs.statements.append(statement)):
        yield costs
    assert set(costs.open_transactions) <= {0}, "a transaction was open during an S3 request"
