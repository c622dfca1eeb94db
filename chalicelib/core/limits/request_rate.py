"""How many requests an owner may make in a minute.

A token bucket, by the generic cell rate algorithm (GCRA): a full bucket has a minute's requests, each takes one,
and it fills evenly. All that is stored is when it is full again.
https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct, field

WINDOW = timedelta(minutes=1)


class RequestLimits(Struct, frozen=True):
    """The requests a minute of all owners. None is no limit."""

    default: int | None = None
    by_owner: Mapping[str, int | None] = field(default_factory=dict)
    """Of owners who have another one."""

    def of(self, owner: str) -> int | None:
        return self.by_owner.get(owner, self.default)

    @property
    def exist(self) -> bool:
        """Whether any owner has a limit."""
        return any(limit is not None for limit in (self.default, *self.by_owner.values()))


NO_REQUEST_LIMITS = RequestLimits()


class CountedRequest(Struct, frozen=True):
    """A request that was counted against the limit of its owner, or refused."""

    limit: int
    """Requests a minute."""
    is_allowed: bool
    left: int
    """How many more are allowed now."""
    more_in: timedelta
    """When one more than `left` is allowed."""


def interval_of(limit: int) -> timedelta:
    """Return the time in which the bucket gets one request. Not longer than the window allows: `limit` of them fit
    into it."""
    return max(WINDOW // limit, timedelta(microseconds=1))


def count_request(limit: int, full_in: timedelta, *, is_allowed: bool) -> CountedRequest:
    """Return the request, after which the bucket is full in `full_in`."""
    interval = interval_of(limit)
    available = max(WINDOW - full_in, timedelta(0))
    left = min(available // interval, limit)
    return CountedRequest(limit, is_allowed, left, max((left + 1) * interval - available, timedelta(0)))
