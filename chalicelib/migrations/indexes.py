"""Build and drop indexes of full tables, beside running requests."""

import sqlalchemy as sa
from alembic import op

_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"


def build_index(name: str, definition: str, *, unique: bool = False) -> None:
    """Build an index on `files` concurrently, outside of a transaction, unless an interrupted run has built it.

    One that such a run left half built is invalid, and is dropped first. `definition` is the SQL after the table's
    name: its columns, and a condition if it has one.
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    if op.get_bind().scalar(sa.text(_IS_VALID), {"name": name}):
        return
    create = f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {name} ON files {definition}"
    _wait_for_transactions(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", create)


def drop_index(name: str) -> None:
    """Drop an index concurrently, outside of a transaction, unless an interrupted run has dropped it.
    https://www.postgresql.org/docs/current/sql-dropindex.html"""
    _wait_for_transactions(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _wait_for_transactions(*statements: str) -> None:
    """Run the statements, which wait for older transactions as long as it takes, while no query waits for them."""
    lock_timeout = op.get_bind().scalar(sa.text("SHOW lock_timeout"))
    op.execute("SET lock_timeout = 0")
    for statement in statements:
        op.execute(statement)
    op.execute(f"SET lock_timeout = '{lock_timeout}'")
