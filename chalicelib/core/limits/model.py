"""What an owner may do, and has used of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from chalicelib.core.limits.request_rate import RequestLimits


class Quota(StrEnum):
    """What is limited. Each is a field of `Usage`."""

    FILES = "files"
    BYTES = "bytes"
    FILES_TODAY = "files_today"
    BYTES_TODAY = "bytes_today"

    @property
    def is_daily(self) -> bool:
        """Whether it begins anew each day."""
        return self in {Quota.FILES_TODAY, Quota.BYTES_TODAY}


class Usage(Struct, frozen=True, kw_only=True):
    """What an owner has stored. A file counts unless it is `expired` or `rejected`; its bytes count as soon as its
    size is known."""

    files: int
    bytes: int
    files_today: int
    """Added since midnight (UTC), whatever became of them."""
    bytes_today: int
    measured_at: datetime
    """By the database's clock."""
    day_ends_at: datetime
    """The next midnight (UTC)."""

    def of(self, quota: Quota) -> int:
        """Return how much of it is used."""
        amount: int = getattr(self, quota)
        return amount

    @property
    def day_ends_in(self) -> timedelta:
        return self.day_ends_at - self.measured_at


class Need(Struct, frozen=True):
    """How much of a quota something takes."""

    quota: Quota
    amount: int
    limit: int


class Quotas(Struct, frozen=True, kw_only=True):
    """How much an owner may store. None is no limit."""

    max_files: int | None = None
    max_stored_bytes: int | None = None
    max_files_per_day: int | None = None
    max_bytes_per_day: int | None = None

    def needs_of_new_file(self, size: int | None) -> Sequence[Need]:
        """Return what a new file takes of each quota that has a limit.

        One of unknown size takes a byte: more is found out when the file has arrived, but none begins when nothing
        is left.
        """
        files = ((Quota.FILES, 1, self.max_files), (Quota.FILES_TODAY, 1, self.max_files_per_day))
        return [*_limited(files), *self.needs_of_bytes(1 if size is None else size)]

    def needs_of_bytes(self, amount: int) -> Sequence[Need]:
        """Return what more bytes of a file take of each quota that has a limit."""
        return _limited(
            (
                (Quota.BYTES, amount, self.max_stored_bytes),
                (Quota.BYTES_TODAY, amount, self.max_bytes_per_day),
            )
        )


def _limited(quotas: Sequence[tuple[Quota, int, int | None]]) -> Sequence[Need]:
    return [Need(quota, amount, limit) for quota, amount, limit in quotas if limit is not None]


UNLIMITED = Quotas()


class OwnerLimits(Struct, frozen=True, kw_only=True):
    """What one owner may do. None is no limit."""

    max_file_bytes: int
    quotas: Quotas = UNLIMITED
    requests_per_minute: int | None = None
    allowed_types: tuple[str, ...] = ()
    """Media types of files, such as `image/*`. Empty: all."""
    denied_types: tuple[str, ...] = ()
    """Also of those that are allowed."""


class Limits(Struct, frozen=True):
    """What all owners may do."""

    default: OwnerLimits
    by_owner: Mapping[str, OwnerLimits] = field(default_factory=dict)
    """Those of owners that have limits of their own."""

    def of(self, owner: str) -> OwnerLimits:
        return self.by_owner.get(owner, self.default)

    @property
    def of_requests(self) -> RequestLimits:
        """The requests a minute, with those of owners who have others."""
        default = self.default.requests_per_minute
        own = {owner: limits.requests_per_minute for owner, limits in self.by_owner.items()}
        return RequestLimits(default, {owner: limit for owner, limit in own.items() if limit != default})
