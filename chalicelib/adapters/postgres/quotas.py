"""Add a file, or bytes to one, if the owner's quotas allow it.

Each statement locks the owner's row in `usage` and then reads it: whatever other statements of the owner have
added is in it. The statement itself doesn't change its numbers: the triggers do (migration 0011).
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import BLOCKS_ADOPTION, STILL_CLAIMED, claim_parameters, insertion
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.usage import TODAY, USED, parse_usage
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.limits.check_quotas import find_exceeded, refuse, reject
from chalicelib.core.limits.model import Need, Quotas

ATTEMPTS = 3


class SameFile(Enum):
    """The condition by which a row is found that is the same as a new one."""

    BY_ID = "files.id = %(id)s"
    BY_ID_OR_REQUEST = (
        "files.id = %(id)s OR files.owner = %(owner)s AND files.idempotency_key = %(idempotency_key)s"
    )
    BY_OBJECT_KEY = "files.object_key = %(object_key)s"


class NewRow(Struct, frozen=True):
    """A row to add."""

    values: dict[str, str]
    """SQL by the column; among them those of `NEW_FILE`."""
    parameters: dict[str, Any]
    """Of the values and of `same_file`."""
    needs: Sequence[Need]
    """What it takes of the owner's quotas."""
    same_file: SameFile


def add_within_quotas(database: Database, row: NewRow) -> File:
    """Add the row and return it, or the one that is there already for the same file. One statement.

    A row that another statement adds at the same time isn't visible. So this one runs again where it has added
    nothing although the quotas allow it, and where they don't if the same request may be under way.

    Raises ServiceError: QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    is_idempotent = row.same_file is SameFile.BY_ID_OR_REQUEST
    for attempt in range(ATTEMPTS):
        added = try_to_add(database, row)
        if added.id is not None:
            return to_file(added)
        usage_now = parse_usage(added)
        exceeded = find_exceeded(usage_now, row.needs)
        if exceeded and (attempt > 0 or not is_idempotent):
            refuse(usage_now, exceeded)
    raise ServiceError(DATABASE_UNAVAILABLE)


def try_to_add(database: Database, row: NewRow) -> Any:
    """Add the row, unless there is one for the same file, or the quotas aren't enough, or a tombstone forbids to
    adopt its object. Return one row: the columns of the file, null if there is none, and of `parse_usage`, null if
    there was one before or it is forbidden."""
    is_new = "NOT EXISTS (SELECT FROM existing)"
    if row.same_file is SameFile.BY_OBJECT_KEY:
        is_new += f" AND NOT EXISTS (SELECT FROM tombstones WHERE {BLOCKS_ADOPTION})"
    statement = f"""
WITH existing AS (
    SELECT {FILE_COLUMNS} FROM files WHERE {row.same_file.value}
),
account AS (
    {_lock_usage("%(owner)s", f"WHERE {is_new}")}
),
added AS (
    INSERT INTO files {insertion(row.values)} FROM account WHERE {_enough(row.needs)}
    ON CONFLICT DO NOTHING
    RETURNING {FILE_COLUMNS}
)
SELECT account.*, found.*
FROM (SELECT) AS always
LEFT JOIN account ON true
LEFT JOIN (SELECT * FROM added UNION ALL SELECT * FROM existing) AS found ON true
"""
    return database.fetch_all(statement, row.parameters | _need_parameters(row.needs))[0]


def record_size_within_quotas(database: Database, claimed: File, size: int, quotas: Quotas) -> None:
    """Store the size of a claimed file. Does nothing if the claim was lost. One statement.

    The file's row is locked before the owner's in `usage`, as all statements do that change a file.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    needs = quotas.needs_of_bytes(size)
    statement = f"""
WITH claimed AS (
    SELECT files.id, files.owner, coalesce(files.size, 0) AS size FROM files WHERE {STILL_CLAIMED} FOR UPDATE
),
account AS (
    {_lock_usage("claimed.owner", "FROM claimed")}
),
recorded AS (
    UPDATE files SET size = %(size)s
    FROM claimed JOIN account ON account.used_by = claimed.owner
    WHERE files.id = claimed.id AND {_enough(needs, already="claimed.size")}
    RETURNING files.id
)
SELECT account.*, claimed.size AS size_before, EXISTS (SELECT FROM recorded) AS is_recorded
FROM account CROSS JOIN claimed
"""
    parameters = claim_parameters(claimed) | {"size": size} | _need_parameters(needs)
    for row in database.fetch_all(statement, parameters):
        exceeded = find_exceeded(parse_usage(row), quotas.needs_of_bytes(size - row.size_before))
        if exceeded and not row.is_recorded:
            reject(parse_usage(row), exceeded, size)


def _lock_usage(owner: str, source: str) -> str:
    """Return the statement that makes the owner's row in `usage`, if there is none, and returns it; of no owner,
    no row. It is locked until the statement has committed. DO NOTHING would return no row, nor lock it."""
    return f"""
    INSERT INTO usage (owner, day, files, bytes, files_today, bytes_today)
    SELECT {owner}, {TODAY}, 0, 0, 0, 0 {source}
    ON CONFLICT (owner) DO UPDATE SET owner = excluded.owner
    RETURNING usage.owner AS used_by, {USED}
"""


def _enough(needs: Iterable[Need], already: str = "0") -> str:
    """Return the condition that the quotas are enough, of which the file itself has some already."""
    return " AND ".join(
        f"account.used_{need.quota} + %(amount_{need.quota})s - {already} <= %(limit_{need.quota})s"
        for need in needs
    )


def _need_parameters(needs: Iterable[Need]) -> dict[str, int]:
    amounts = {f"amount_{need.quota}": need.amount for need in needs}
    return amounts | {f"limit_{need.quota}": need.limit for need in needs}
