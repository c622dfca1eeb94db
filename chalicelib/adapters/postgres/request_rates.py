"""Count requests against the rates of their owners: chalicelib/core/limits/request_rate.py has the algorithm."""

from datetime import timedelta
from typing import Any

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.limits.request_rate import WINDOW, CountedRequest, RequestLimits, count_request, interval_of

COUNT_CALLER = """
counted AS (
    INSERT INTO request_rates (owner, full_at)
    SELECT callers.owner, greatest(before.full_at, now()) + callers.request_interval
    FROM callers LEFT JOIN request_rates AS before ON before.owner = callers.owner
    WHERE callers.request_interval IS NOT NULL
        AND greatest(before.full_at, now()) + callers.request_interval <= now() + %(window)s
    ON CONFLICT (owner) DO UPDATE
    SET full_at = greatest(request_rates.full_at, now()) + (SELECT request_interval FROM callers)
    WHERE greatest(request_rates.full_at, now()) + (SELECT request_interval FROM callers) <= now() + %(window)s
    RETURNING owner, full_at
)
"""
"""Counts a request of the caller: of the row of `callers`, if there is one, which has an `owner` and a
`request_interval`. That is the time in which the owner's bucket gets one request; null without a limit. After one
more request the bucket is full that much later; of an owner without a row it is full now.

What is over the limit in the statement's snapshot is so in the row, too, because that only grows: then nothing is
written or locked. Otherwise the row, which another statement may have changed since, decides."""

COUNTED_COLUMNS = """
counted.owner IS NOT NULL AS is_counted,
extract(epoch FROM counted.full_at - now())::double precision AS full_in,
extract(epoch FROM before.full_at - now())::double precision AS was_full_in
"""
"""For `parse_counted`."""

COUNTED_TABLES = """
callers
LEFT JOIN request_rates AS before ON before.owner = callers.owner
LEFT JOIN counted ON counted.owner = callers.owner
"""

COUNT = f"""
WITH callers AS (SELECT %(owner)s AS owner, %(request_interval)s AS request_interval),
{COUNT_CALLER}
SELECT {COUNTED_COLUMNS} FROM {COUNTED_TABLES}
"""

OWN_LIMITS = (
    "unnest(%(limited_owners)s::text[], %(request_intervals)s::interval[]) AS own_limits (owner, own_interval)"
)
"""The owners who have a limit of their own, or none."""

REQUEST_INTERVAL = "CASE WHEN own_limits.owner IS NULL THEN %(default_interval)s ELSE own_limits.own_interval END"
"""An owner's `request_interval`, where OWN_LIMITS is joined."""


class PostgresRequestRates:
    """Implements `chalicelib.core.limits.ports.RequestRates`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, owner: str, limit: int) -> CountedRequest:
        parameters = {"owner": owner, "request_interval": interval_of(limit), "window": WINDOW}
        counted = parse_counted(self._database.read(COUNT, parameters)[0], limit)
        assert counted is not None
        return counted


def limit_parameters(limits: RequestLimits) -> dict[str, Any]:
    """Return the parameters of OWN_LIMITS, REQUEST_INTERVAL and COUNT_CALLER."""
    return {
        "window": WINDOW,
        "default_interval": _interval_of(limits.default),
        "limited_owners": list(limits.by_owner),
        "request_intervals": [_interval_of(limit) for limit in limits.by_owner.values()],
    }


def parse_counted(row: Any, limit: int | None) -> CountedRequest | None:
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


def _interval_of(limit: int | None) -> timedelta | None:
    return None if limit is None else interval_of(limit)
