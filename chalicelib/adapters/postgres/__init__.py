"""The ports to the database, on PostgreSQL. Its statements are SQL text, run by psycopg2."""
# ruff: noqa: E402 # psycopg2 must not have been imported before

from chalicelib.optional_imports import import_without

# It imports Python's `ssl` to tell libpq that it initializes OpenSSL, which versions of OpenSSL since 1.1.0 do by
# themselves: https://www.postgresql.org/docs/17/libpq-ssl.html#LIBPQ-SSL-INITIALIZE
import_without("ssl", "psycopg2")

from chalicelib.adapters.postgres.bucket_scan import PostgresBucketScan
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.errors import StatementError
from chalicelib.adapters.postgres.files import PostgresFiles
from chalicelib.adapters.postgres.history import PostgresHistory
from chalicelib.adapters.postgres.long_polls import PostgresLongPolls
from chalicelib.adapters.postgres.mismatch_backlog import PostgresMismatchBacklog
from chalicelib.adapters.postgres.processing_queue import PostgresProcessingQueue
from chalicelib.adapters.postgres.reprocess_queue import PostgresReprocessQueue
from chalicelib.adapters.postgres.request_rates import PostgresRequestRates
from chalicelib.adapters.postgres.scans import PostgresScans
from chalicelib.adapters.postgres.tokens import PostgresTokens
from chalicelib.adapters.postgres.tombstones import PostgresTombstones
from chalicelib.adapters.postgres.uploads import PostgresUploads
from chalicelib.adapters.postgres.usage import PostgresUsageCounts

__all__ = [
    "Database",
    "PostgresBucketScan",
    "PostgresFiles",
    "PostgresHistory",
    "PostgresLongPolls",
    "PostgresMismatchBacklog",
    "PostgresProcessingQueue",
    "PostgresReprocessQueue",
    "PostgresRequestRates",
    "PostgresScans",
    "PostgresTokens",
    "PostgresTombstones",
    "PostgresUploads",
    "PostgresUsageCounts",
    "StatementError",
]
