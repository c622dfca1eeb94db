"""Count requests against the rates of their owners: chalicelib/core/limits/request_rate.py has the algorithm."""

from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    Float,
    FromClause,
    Interval,
    Row,
    Text,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.tables import request_rates
from chalicelib.core.limits.request_rate import WINDOW, CountedRequest, RequestLimits, count_request, interval_of

_NOW = func.now()
_before = request_rates.alias("before")


class PostgresRequestRates:
    """Implements `chalicelib.core.limits.ports.RequestRates`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, owner: str, limit: int) -> CountedRequest:
        rows = self._database.read(_count_statement(limit), {"owner": owner})
        counted = parse_counted(rows[0], limit)
        assert counted is not None
        return counted


class Counting(NamedTuple):
    """What a statement that counts requests selects."""

    joined_to_callers: FromClause
    columns: list[ColumnElement[Any]]
    """For `parse_counted`."""


@cache
def _count_statement(limit: int) -> Executable:
    """Return the statement that counts a request of the parameter `owner`. It is kept, because SQLAlchemy takes
    more than a millisecond to make it."""
    limits, owner = RequestLimits(limit), bindparam("owner", type_=Text)
    callers = select(owner.label("owner"), interval(owner, limits)).cte("callers")
    counting = count_requests(callers, limits)
    return select(*counting.columns).select_from(counting.joined_to_callers)


def interval(owner: ColumnElement[str], limits: RequestLimits) -> ColumnElement[timedelta]:
    """Return the time in which an owner's bucket gets one request; null without a limit."""
    default = _interval_of(limits.default)
    own = [(owner == name, _interval_of(limit)) for name, limit in limits.by_owner.items()]
    return (case(*own, else_=default) if own else default).label("interval")


def count_requests(callers: CTE, limits: RequestLimits) -> Counting:
    """Count a request of each caller: of each row, which has an `owner` and an `interval`.

    What is over the limit in the statement's snapshot is so in the row, too, because that only grows: then nothing
    is written or locked. Otherwise the row, which another statement may have changed since, decides.
    """
    full_at = _after_one_more(_before.c.full_at, callers.c.interval)
    new = (
        select(callers.c.owner, full_at)
        .select_from(callers.outerjoin(_before, _before.c.owner == callers.c.owner))
        .where(callers.c.interval.is_not(None), full_at <= _NOW + WINDOW)
    )
    full_at_now = _after_one_more(request_rates.c.full_at, interval(request_rates.c.owner, limits).element)
    counted = (
        insert(request_rates)
        .from_select(["owner", "full_at"], new)
        .on_conflict_do_update(
            index_elements=[request_rates.c.owner],
            set_={"full_at": full_at_now},
            where=full_at_now <= _NOW + WINDOW,
        )
        .returning(request_rates.c.owner, request_rates.c.full_at)
        .cte("counted")
    )
    joined = callers.outerjoin(_before, _before.c.owner == callers.c.owner).outerjoin(
        counted, counted.c.owner == callers.c.owner
    )
    return Counting(
        joined,
        [
            counted.c.owner.is_not(None).label("is_counted"),
            _seconds_until(counted.c.full_at).label("full_in"),
            _seconds_until(_before.c.full_at).label("was_full_in"),
        ],
    )


def parse_counted(row: Row[Any], limit: int | None) -> CountedRequest | None:
    """Return the counted request, None without a limit.

    A request may have been refused although the snapshot had room: others have taken all of that since.
    """
    if limit is None:
        return None
    if row.is_counted:
        return count_request(limit, timedelta(seconds=row.full_in), is_allowed=True)
    before, interval = timedelta(seconds=max(row.was_full_in or 0, 0)), interval_of(limit)
    taken_since = (WINDOW - before) // interval
    return count_request(limit, before + taken_since * interval, is_allowed=False)


def _after_one_more(full_at: ColumnElement[Any], interval: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return when the bucket is full again after one more request. Of an owner without a row it is full now."""
    return func.greatest(full_at, _NOW) + interval


def _interval_of(limit: int | None) -> ColumnElement[Any]:
    return cast(null(), Interval) if limit is None else literal(interval_of(limit), Interval)


def _seconds_until(time: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(extract("epoch", time - _NOW), Float)
