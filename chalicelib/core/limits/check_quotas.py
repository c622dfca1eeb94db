"""Compare an owner's usage with the quotas."""

from collections.abc import Sequence

from chalicelib.core.errors import (
    DAILY_QUOTA_EXCEEDED,
    QUOTA_EXCEEDED,
    REJECTED_OVER_QUOTA,
    RejectedContentError,
    ServiceError,
    TemporaryError,
)
from chalicelib.core.limits.model import Need, Quota, Usage

NAMES = {
    Quota.FILES: "files",
    Quota.BYTES: "bytes",
    Quota.FILES_TODAY: "files a day",
    Quota.BYTES_TODAY: "bytes a day",
}
"""For messages."""


def find_exceeded(usage: Usage, needs: Sequence[Need]) -> Need | None:
    """Return the first quota that isn't enough; None if all are."""
    return next((need for need in needs if usage.of(need.quota) + need.amount > need.limit), None)


def refuse(usage: Usage, exceeded: Need) -> None:
    """Raise ServiceError: QUOTA_EXCEEDED, DAILY_QUOTA_EXCEEDED."""
    fields = _fields(usage, exceeded) | {"amount": exceeded.amount}
    if exceeded.quota.is_daily:
        raise TemporaryError(DAILY_QUOTA_EXCEEDED, retry_after=usage.day_ends_in, **fields)
    raise ServiceError(QUOTA_EXCEEDED, **fields)


def reject(usage: Usage, exceeded: Need, size: int | None) -> None:
    """Raise RejectedContentError about a file whose bytes have arrived already."""
    raise RejectedContentError(REJECTED_OVER_QUOTA, size=size, **_fields(usage, exceeded))


def _fields(usage: Usage, exceeded: Need) -> dict[str, object]:
    return {"limit": exceeded.limit, "quota": NAMES[exceeded.quota], "used": usage.of(exceeded.quota)}
