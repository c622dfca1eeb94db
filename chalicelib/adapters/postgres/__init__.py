"""The ports to the database, on PostgreSQL. Its statements are SQL text, run by psycopg2."""

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
from chalicelib.adapters.postgres.search_backlog import PostgresSearchBacklog
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
    "PostgresSearchBacklog",
    "PostgresTokens",
    "PostgresTombstones",
    "PostgresUploads",
    "PostgresUsageCounts",
    "StatementError",
]
