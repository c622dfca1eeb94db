"""The rows in PostgreSQL. The only package, beside the migrations, that knows SQLAlchemy."""

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.history import PostgresHistory
from chalicelib.adapters.postgres.inventory import PostgresInventory
from chalicelib.adapters.postgres.outdated import PostgresOutdated
from chalicelib.adapters.postgres.tombstones import PostgresTombstones
from chalicelib.adapters.postgres.work import PostgresWork

__all__ = [
    "Database",
    "PostgresFiles",
    "PostgresHistory",
    "PostgresInventory",
    "PostgresOutdated",
    "PostgresTombstones",
    "PostgresWork",
]
