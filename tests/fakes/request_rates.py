"""`RequestRates` in memory."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.core.limits.request_rate import WINDOW, CountedRequest, count_request, interval_of
from tests.fakes.table import now


@dataclass
class FakeRequestRates:
    """`RequestRates` in memory."""

    full_at: dict[str, datetime] = field(default_factory=dict)
    """By owner."""

    def count(self, owner: str, limit: int) -> CountedRequest:
        time = now()
        before = max(self.full_at.get(owner, time), time)
        full_in = before + interval_of(limit) - time
        if full_in > WINDOW:
            return count_request(limit, before - time, is_allowed=False)
        self.full_at[owner] = before + interval_of(limit)
        return count_request(limit, max(full_in, timedelta(0)), is_allowed=True)
