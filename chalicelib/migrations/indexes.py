"""Build indexes on full tables, beside running requests."""

import sqlalchemy as sa
from alembic import op

_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"


def build_index(name: str, definition: str, *, unique: bool = False) -> None:
    """Build an index on `files` concurrently, outside of a transaction, unless an interrupted run has built it.

    One that such a run left half built is invalid, and is dropped first. `definition` is the SQL after the table's
    name: its columns, and a condition if it has one.
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
    """
    connection = op.get_bind()
    if connection.scalar(sa.text(_IS_VALID), {"name": name}):
        return
    lock_timeout = connection.scalar(sa.text("SHOW lock_timeout"))
    op.execute("SET lock_timeout = 0")  # building an index waits for older transactions, but no query waits for it
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    op.execute(f"CREATE {'UNIQUE ' if unique else ''}INDEX CONCURRENTLY {name} ON files {definition}")
    op.execute(f"SET lock_timeout = '{lock_timeout}'")
