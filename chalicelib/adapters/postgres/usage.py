"""What each owner has stored. Triggers on `files` count it (migration 0011)."""

from collections.abc import Sequence
from typing import Any

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.limits.model import Usage
from chalicelib.core.limits.ports import OwnerOrder

TODAY = "timezone('UTC', now())::date"

USED = f"""
    coalesce(usage.files, 0) AS used_files,
    coalesce(usage.bytes, 0) AS used_bytes,
    CASE WHEN usage.day < {TODAY} THEN 0 ELSE coalesce(usage.files_today, 0) END AS used_files_today,
    CASE WHEN usage.day < {TODAY} THEN 0 ELSE coalesce(usage.bytes_today, 0) END AS used_bytes_today,
    now() AS measured_at,
    timezone('UTC', (greatest(usage.day, {TODAY}) + 1)::timestamp) AS day_ends_at
"""
"""The columns of `parse_usage`; `used_…` ends with the name of a `Quota`. The day never ends before the time of
the row's last change, whose statement may have begun after this one."""

GET = f"SELECT {USED} FROM (SELECT) AS always LEFT JOIN usage ON usage.owner = %(owner)s"

LIST = f"""
SELECT usage.owner, {USED} FROM usage
WHERE {{condition}}
ORDER BY {{order}}
LIMIT %(limit)s
"""

IN_ORDER = {
    OwnerOrder.NAME: ("usage.owner > %(after)s", "usage.owner"),
    OwnerOrder.MOST_BYTES: ("(-usage.bytes, usage.owner) > ({of_last})", "-usage.bytes, usage.owner"),
    OwnerOrder.MOST_FILES: ("(-usage.files, usage.owner) > ({of_last})", "-usage.files, usage.owner"),
}
"""The condition that an owner comes after the last one of the page before, and the order."""

OF_LAST = "SELECT {columns} FROM usage WHERE usage.owner = %(after)s"


class PostgresUsageCounts:
    """Implements `chalicelib.core.limits.ports.UsageCounts`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str) -> Usage:
        return parse_usage(self._database.read(GET, {"owner": owner})[0])

    def list(self, order: OwnerOrder, limit: int, after: str | None) -> Sequence[tuple[str, Usage]]:
        condition, columns = IN_ORDER[order]
        comes_after = condition.format(of_last=OF_LAST.format(columns=columns))
        statement = LIST.format(condition="true" if after is None else comes_after, order=columns)
        rows = self._database.read(statement, {"limit": limit, "after": after})
        return [(row.owner, parse_usage(row)) for row in rows]


def parse_usage(row: Any) -> Usage:
    return Usage(
        files=row.used_files,
        bytes=row.used_bytes,
        files_today=row.used_files_today,
        bytes_today=row.used_bytes_today,
        measured_at=row.measured_at,
        day_ends_at=row.day_ends_at,
    )
