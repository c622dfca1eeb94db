"""The history of files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chalicelib.adapters.postgres.conditions import belongs_to, owner_parameter
from chalicelib.adapters.postgres.database import Database
from chalicelib.core.accounts.model import Owners
from chalicelib.core.changes.history import ChangePage, HistoryEntry, HistoryEventType
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict

COLUMNS = """
    history.file_id, history.at, coalesce(history.newer_type, history.kind) AS type, history.status,
    history.version, history.attempts, history.error_code, history.mismatch, history.metadata, history.verdict,
    history.detail, history.seq
"""
"""What `_entry` needs."""

ENTRIES = f"SELECT {COLUMNS} FROM history"

CHANGES = f"""
SELECT {COLUMNS} FROM history
WHERE history.owner = %(owner)s AND history.seq > %(since)s
ORDER BY history.seq
LIMIT %(limit)s
"""

NEWEST_CHANGES = f"""
SELECT {COLUMNS} FROM history
WHERE history.owner = %(owner)s AND history.seq > %(since)s
ORDER BY history.seq DESC
LIMIT %(limit)s
"""

MAX_NUMBERED = 20_000
"""How many changes a request for the newest ones numbers. There may be millions without a number if the owner's
changes were never requested, and a statement ends after 10 seconds."""

NUMBER = """
WITH unnumbered AS (
    SELECT history.id, row_number() OVER (ORDER BY history.id) AS position
    FROM history
    WHERE history.owner = %(owner)s AND history.seq IS NULL AND history.version IS NOT NULL
    ORDER BY history.id
    LIMIT %(limit)s
),
feed AS (
    INSERT INTO feeds (owner, last_seq)
    SELECT %(owner)s, count(*) FROM unnumbered HAVING count(*) > 0
    ON CONFLICT (owner) DO UPDATE SET last_seq = feeds.last_seq + excluded.last_seq
    RETURNING last_seq - (SELECT count(*) FROM unnumbered) AS base
)
UPDATE history
SET seq = feed.base + unnumbered.position
FROM unnumbered CROSS JOIN feed
WHERE history.id = unnumbered.id AND history.seq IS NULL
"""
"""Gives numbers to changes that are committed and have none.

The statement locks the owner's row in `feeds` until its numbers are committed, so all numbers given later are
greater, and become visible later. A statement that waited for the lock may find changes numbered by then: the last
condition skips them, which leaves gaps between numbers."""


class PostgresHistory:
    """Implements `chalicelib.core.changes.history.History`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def timeline(self, owners: Owners, file_id: UUID, limit: int) -> Sequence[HistoryEntry]:
        is_owned = belongs_to(owners, "history.owner")
        is_wanted = f"history.file_id = %(file_id)s AND {is_owned}"
        statement = f"{ENTRIES} WHERE {is_wanted} ORDER BY history.id DESC LIMIT %(limit)s"
        parameters = {**owner_parameter(owners), "file_id": file_id, "limit": limit}
        return [_entry(row) for row in reversed(self._database.read(statement, parameters))]

    def changes(self, owner: str, since: int, limit: int) -> Sequence[HistoryEntry]:
        """Number new changes, then return the page: two statements, because changes get their numbers when they
        are requested (docs/decisions/0011)."""
        self._database.execute(NUMBER, {"owner": owner, "limit": limit})
        parameters = {"owner": owner, "since": since, "limit": limit}
        return [_entry(row) for row in self._database.read(CHANGES, parameters)]

    def newest_changes(self, owner: str, since: int, limit: int) -> ChangePage:
        """Number new changes, as `changes` does, then return the page."""
        numbered = self._database.execute(NUMBER, {"owner": owner, "limit": MAX_NUMBERED})
        parameters = {"owner": owner, "since": since, "limit": limit}
        rows = self._database.read(NEWEST_CHANGES, parameters)
        return ChangePage([_entry(row) for row in reversed(rows)], more=numbered == MAX_NUMBERED)


def _entry(row: Any) -> HistoryEntry:
    return HistoryEntry(
        file_id=row.file_id,
        at=row.at,
        type=HistoryEventType(row.type),
        status=Status(row.status) if row.status else None,
        version=row.version,
        attempts=row.attempts,
        error_code=row.error_code,
        mismatch=row.mismatch,
        metadata=row.metadata or {},
        verdict=Verdict(row.verdict) if row.verdict else None,
        detail=row.detail,
        seq=row.seq,
    )
