"""Counts of all owners' files, which read a limited number of rows (docs/decisions/0054-administration.md)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.adapters.postgres.conditions import IS_QUEUED
from chalicelib.adapters.postgres.database import Database
from chalicelib.core.administration.model import Count, FailureCount, LateFile, LateFiles, Precision
from chalicelib.core.administration.ports import FamilySample, StatusCounts
from chalicelib.core.files.statuses import Status

MAX_COUNTED = 100_000
"""Rows, or entries of an index, that a count reads: of entries, 20 ms."""

MAX_SAMPLED_PAGES = 2000
"""Of a sample: 16 MB, or about 20,000 files."""

WAITING_SINCE = "coalesce(files.queued_at, files.uploaded_at)"

# A condition and an order that are those of a partial index, so that PostgreSQL reads that and not the table. The
# files that are neither queued, nor await their bytes, nor have ended badly are processed: they are what is left
# of the files that triggers count (migration 0011), which are all but the expired and rejected ones.
BY_STATUS = f"""
WITH queued AS (
    SELECT files.status FROM files WHERE {IS_QUEUED} ORDER BY files.status_since LIMIT %(limit)s
),
awaiting AS (
    SELECT FROM files
    WHERE files.status = 'awaiting_upload'
    ORDER BY coalesce(files.check_at, files.expires_at)
    LIMIT %(limit)s
),
ended_badly AS (
    SELECT files.status FROM files
    WHERE files.status IN ('failed', 'rejected', 'expired')
    ORDER BY files.processed_at
    LIMIT %(limit)s
),
marked AS (SELECT FROM outdated ORDER BY file_id LIMIT %(limit)s)
SELECT status, count(*) AS files FROM queued GROUP BY status
UNION ALL
SELECT 'awaiting_upload', count(*) FROM awaiting
UNION ALL
SELECT status, count(*) FROM ended_badly GROUP BY status
UNION ALL
SELECT 'marked', count(*) FROM marked
UNION ALL
SELECT 'stored', coalesce(sum(usage.files), 0) FROM usage
"""

SAMPLE_FAMILIES = """
WITH sample AS (
    SELECT least(
        %(pages)s * 100.0 / greatest(pg_relation_size('files') / current_setting('block_size')::integer, 1),
        100
    )::real AS percent
)
SELECT sample.percent >= 100 AS is_whole, counted.family, counted.files
FROM sample LEFT JOIN (
    SELECT split_part(files.detected_type, '/', 1) AS family, count(*) AS files
    FROM files TABLESAMPLE SYSTEM ((SELECT percent FROM sample))
    GROUP BY 1
) AS counted ON true
"""
"""Reads that share of the table's pages, at random.
https://www.postgresql.org/docs/current/sql-select.html#SQL-FROM"""

LATE = f"""
SELECT queued.*, count(*) OVER () AS late
FROM (
    SELECT
        files.id, files.owner, files.name, files.status, files.attempts, {WAITING_SINCE} AS waiting_since,
        count(*) OVER () AS examined
    FROM (SELECT * FROM files WHERE {IS_QUEUED} ORDER BY files.status_since LIMIT %(limit)s) AS files
) AS queued
WHERE queued.waiting_since < now() - %(max_wait)s
ORDER BY queued.waiting_since, queued.id
LIMIT %(shown)s
"""

FAILURES = """
SELECT error_code AS code, count(*) AS files, max(processed_at) AS newest_at, sum(count(*)) OVER () AS counted
FROM (
    SELECT files.error_code, files.processed_at FROM files
    WHERE files.status IN ('failed', 'rejected') AND files.processed_at > now() - %(within)s
    ORDER BY files.processed_at DESC
    LIMIT %(limit)s
) AS failures
GROUP BY error_code
ORDER BY files DESC, code
"""

QUEUED = (Status.UPLOADED, Status.PROCESSING)
AWAITING = (Status.AWAITING_UPLOAD,)
ENDED_BADLY = (Status.FAILED, Status.REJECTED, Status.EXPIRED)
NOT_STORED = (Status.REJECTED, Status.EXPIRED)


class PostgresFileCounts:
    """Implements `chalicelib.core.administration.ports.FileCounts`."""

    def __init__(self, database: Database, max_counted: int = MAX_COUNTED, max_pages: int = MAX_SAMPLED_PAGES):
        self._database, self._limit, self._pages = database, max_counted, max_pages

    def by_status(self) -> StatusCounts:
        rows = self._database.read(f"SELECT now() AS at, counted.* FROM ({BY_STATUS}) AS counted", self._limits)
        counted = {row.status: int(row.files) for row in rows}
        by_status = {
            status: count
            for statuses in (QUEUED, AWAITING, ENDED_BADLY)
            for status, count in self._count_group(statuses, counted).items()
        }
        others = sum(count.files for status, count in by_status.items() if status not in NOT_STORED)
        is_exact = all(count.precision is Precision.EXACT for count in by_status.values())
        by_status[Status.PROCESSED] = Count(
            max(0, counted["stored"] - others), Precision.EXACT if is_exact else Precision.ABOUT
        )
        return StatusCounts(
            rows[0].at, {status: by_status[status] for status in Status}, self._count(counted["marked"])
        )

    def sample_families(self) -> FamilySample:
        rows = self._database.read(SAMPLE_FAMILIES, {"pages": self._pages})
        by_family = {row.family: row.files for row in rows if row.files is not None}
        return FamilySample(by_family, rows[0].is_whole)

    def late(self, max_wait: timedelta, limit: int) -> LateFiles:
        rows = self._database.read(LATE, {**self._limits, "max_wait": max_wait, "shown": limit})
        count = Count(rows[0].late, self._precision(rows[0].examined)) if rows else Count(0)
        return LateFiles(count, [_to_late_file(row) for row in rows])

    def failures(self, within: timedelta) -> Sequence[FailureCount]:
        rows = self._database.read(FAILURES, {**self._limits, "within": within})
        return [
            FailureCount(row.code, Count(row.files, self._precision(row.counted)), row.newest_at) for row in rows
        ]

    @property
    def _limits(self) -> dict[str, Any]:
        return {"limit": self._limit}

    def _count_group(self, statuses: Sequence[Status], counted: Mapping[str, int]) -> Mapping[Status, Count]:
        """Return the counts of statuses whose files were counted together, up to one limit."""
        precision = self._precision(sum(counted.get(status, 0) for status in statuses))
        return {status: Count(counted.get(status, 0), precision) for status in statuses}

    def _count(self, files: int) -> Count:
        return Count(files, self._precision(files))

    def _precision(self, counted: int) -> Precision:
        return Precision.AT_LEAST if counted >= self._limit else Precision.EXACT


def _to_late_file(row: Any) -> LateFile:
    return LateFile(
        id=row.id,
        owner=row.owner,
        name=row.name,
        status=Status(row.status),
        attempts=row.attempts,
        waiting_since=row.waiting_since,
    )
