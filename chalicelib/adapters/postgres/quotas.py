"""Add a file, or bytes to one, if the owner's quotas allow it.

Each statement locks the owner's row in `usage` and then reads it: whatever other statements of the owner have
added is in it. The statement itself doesn't change its numbers: the triggers do (migration 0011).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    Select,
    Text,
    exists,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import typed
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.tables import files, usage
from chalicelib.adapters.postgres.usage import TODAY, USED, parse_usage
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.limits.check_quotas import find_exceeded, refuse, reject
from chalicelib.core.limits.model import Need, Quotas

ATTEMPTS = 3


def add_within_quotas(
    database: Database,
    values: Mapping[str, Any],
    needs: Sequence[Need],
    same_file: ColumnElement[bool],
    *,
    is_idempotent: bool = False,
) -> File:
    """Add a row with these values and return it, or the one that is there already for `same_file`. One statement.

    A row that another statement adds at the same time isn't visible. So this one runs again where it has added
    nothing although the quotas allow it, and where they don't if the same request may be under way.

    Raises ServiceError: QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    statement = add_statement(values, needs, same_file)
    for attempt in range(ATTEMPTS):
        row = database.fetch_all(statement)[0]
        if row.id is not None:
            return to_file(row)
        usage_now = parse_usage(row)
        exceeded = find_exceeded(usage_now, needs)
        if exceeded and (attempt > 0 or not is_idempotent):
            refuse(usage_now, exceeded)
    raise ServiceError(DATABASE_UNAVAILABLE)


def add_statement(
    values: Mapping[str, Any],
    needs: Sequence[Need],
    same_file: ColumnElement[bool],
    is_blocked: ColumnElement[bool] | None = None,
) -> Executable:
    """Return the statement that adds a row with these values, unless there is one for `same_file`, or the quotas
    aren't enough. It returns one row: the columns of the file, null if there is none, and of `parse_usage`, null
    if there was one before or it is blocked."""
    existing = select(files).where(same_file).cte("existing")
    owner = select(literal(values["owner"], Text).label("owner")).where(
        ~exists(select(existing.c.id)), true() if is_blocked is None else ~is_blocked
    )
    account = _lock_usage(owner)
    new = (
        select(*(typed(name, value).label(name) for name, value in values.items()))
        .select_from(account)
        .where(*_enough(account, needs))
    )
    added = insert(files).from_select(list(values), new).on_conflict_do_nothing().returning(files).cte("added")
    found = union_all(select(added), select(existing)).subquery("found")
    always = select(literal_column("1")).subquery("always")
    return select(account, found).select_from(always.outerjoin(account, true()).outerjoin(found, true()))


def record_size_within_quotas(
    database: Database, still_claimed: ColumnElement[bool], size: int, quotas: Quotas
) -> None:
    """Store the size of a claimed file. Does nothing if the claim was lost. One statement.

    The file's row is locked before the owner's in `usage`, as all statements do that change a file.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    claimed = select(files.c.id, files.c.owner, files.c.size).where(still_claimed).with_for_update().cte("claimed")
    account = _lock_usage(select(claimed.c.owner))
    size_before = func.coalesce(claimed.c.size, 0)
    recorded = (
        update(files)
        .where(
            files.c.id == claimed.c.id,
            files.c.owner == account.c.used_by,
            *_enough(account, quotas.needs_of_bytes(size), already=size_before),
        )
        .values(size=size)
        .returning(files.c.id)
        .cte("recorded")
    )
    statement = select(
        account, size_before.label("size_before"), exists(select(recorded.c.id)).label("is_recorded")
    ).select_from(account.join(claimed, true()))
    for row in database.fetch_all(statement):
        exceeded = find_exceeded(parse_usage(row), quotas.needs_of_bytes(size - row.size_before))
        if exceeded and not row.is_recorded:
            reject(parse_usage(row), exceeded, size)


def _lock_usage(owner: Select[Any]) -> CTE:
    """Return the row of `usage` of the owner that a SELECT returns, which is made if there is none; of no owner,
    no row. It is locked until the statement has committed. DO NOTHING would return no row, nor lock it."""
    of_owner = owner.subquery("of_owner")
    counters = ["files", "bytes", "files_today", "bytes_today"]
    statement = insert(usage).from_select(
        ["owner", "day", *counters],
        select(of_owner.c.owner, TODAY, *(literal_column("0").label(name) for name in counters)),
    )
    return (
        statement.on_conflict_do_update(index_elements=[usage.c.owner], set_={"owner": statement.excluded.owner})
        .returning(usage.c.owner.label("used_by"), *USED)
        .cte("account")
    )


def _enough(
    account: CTE, needs: Sequence[Need], already: ColumnElement[int] | None = None
) -> list[ColumnElement[bool]]:
    """Return the conditions that the quotas are enough, of which the file itself has some already."""
    earlier = literal_column("0") if already is None else already
    return [account.c[f"used_{need.quota}"] + need.amount - earlier <= need.limit for need in needs]
