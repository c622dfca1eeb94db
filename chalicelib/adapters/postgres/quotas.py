"""Add a file, or bytes to one, if the owner's quotas allow it.

Each statement locks the owner's row in `usage` and then reads it: whatever other statements of the owner have
added is in it. The statement itself doesn't change its numbers: the triggers do (migration 0011).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    Interval,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.tables import files, tombstones, usage
from chalicelib.adapters.postgres.usage import TODAY, USED, parse_usage
from chalicelib.core.errors import DATABASE_UNAVAILABLE, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.check_quotas import find_exceeded, refuse, reject
from chalicelib.core.limits.model import Need, Quota, Quotas

ATTEMPTS = 3


class SameFile(Enum):
    """By which columns of a new file a row is found that is the same."""

    BY_ID = auto()
    BY_ID_OR_REQUEST = auto()
    BY_OBJECT_KEY = auto()


@dataclass(frozen=True, slots=True)
class NewRow:
    """A row to add."""

    values: Mapping[str, Any]
    """By the column's key."""
    from_now: Mapping[str, timedelta]
    """Times, by the column's key, as what is added to the present one."""
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
    quotas = tuple(need.quota for need in row.needs)
    statement = _add_statement(tuple(row.values), tuple(row.from_now), quotas, row.same_file)
    parameters = {f"new_{name}": value for name, value in {**row.values, **row.from_now}.items()}
    parameters |= {f"amount_{need.quota}": need.amount for need in row.needs}
    parameters |= {f"limit_{need.quota}": need.limit for need in row.needs}
    return database.fetch_all(statement, parameters)[0]


@cache
def _add_statement(
    names: tuple[str, ...], from_now: tuple[str, ...], quotas: tuple[Quota, ...], same_file: SameFile
) -> Executable:
    """Return the statement. It is kept, because SQLAlchemy takes several milliseconds to make it."""
    existing = select(files).where(_is_same(same_file)).cte("existing")
    owner = select(_new("owner").label("owner")).where(~exists(select(existing.c.id)))
    if same_file is SameFile.BY_OBJECT_KEY:
        owner = owner.where(~exists().where(blocks_adoption(_new("object_key"))))
    account = _lock_usage(owner)
    enough = [
        account.c[f"used_{quota}"] + bindparam(f"amount_{quota}", type_=BigInteger)
        <= bindparam(f"limit_{quota}", type_=BigInteger)
        for quota in quotas
    ]
    times = [(func.now() + bindparam(f"new_{name}", type_=Interval)).label(name) for name in from_now]
    new = select(*(_new(name).label(name) for name in names), *times).select_from(account).where(*enough)
    added = (
        insert(files).from_select([*names, *from_now], new).on_conflict_do_nothing().returning(files).cte("added")
    )
    found = union_all(select(added), select(existing)).subquery("found")
    always = select(literal_column("1")).subquery("always")
    return select(account, found).select_from(always.outerjoin(account, true()).outerjoin(found, true()))


def _is_same(same_file: SameFile) -> ColumnElement[bool]:
    if same_file is SameFile.BY_OBJECT_KEY:
        return files.c.object_key == _new("object_key")
    has_id = files.c.id == _new("id")
    if same_file is SameFile.BY_ID:
        return has_id
    return or_(has_id, and_(files.c.owner == _new("owner"), files.c.idempotency_key == _new("idempotency_key")))


def _new(name: str) -> ColumnElement[Any]:
    """Return the parameter for a column of the new row."""
    return bindparam(f"new_{name}", type_=files.c[name].type)


def blocks_adoption(object_key: str | ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that, by a tombstone, an object with this key isn't new: the key is its file's own,
    which is never used again, or its object isn't deleted yet."""
    own_key = tombstones.c.object_key.startswith(func.concat(UPLOADS_PREFIX, tombstones.c.file_id, "/"))
    return and_(tombstones.c.object_key == object_key, or_(own_key, tombstones.c.cleared_at.is_(None)))


def record_size_within_quotas(database: Database, claimed_file: File, size: int, quotas: Quotas) -> None:
    """Store the size of a claimed file. Does nothing if the claim was lost. One statement.

    The file's row is locked before the owner's in `usage`, as all statements do that change a file.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    still_claimed = and_(
        files.c.id == claimed_file.id,
        files.c.owner == claimed_file.owner,
        files.c.status == Status.PROCESSING,
        files.c.attempts == claimed_file.attempts,
    )
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
