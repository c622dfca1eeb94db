"""List all owners with what they have used, page by page."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.core.limits.get_usage import UsedLimits
from chalicelib.core.limits.model import Limits
from chalicelib.core.limits.ports import OwnerOrder, UsageCounts


class ListOwners(Struct, frozen=True):
    """List up to `limit` owners that come after the owner `after`, or the first ones."""

    order: OwnerOrder
    limit: int
    after: str | None


def list_owners(command: ListOwners, *, usage_counts: UsageCounts, limits: Limits) -> Sequence[UsedLimits]:
    """Return the owners who have ever had a file, each with its limits and what is used of them. One statement.

    Raises ServiceError(DATABASE_UNAVAILABLE).
    """
    page = usage_counts.list(command.order, command.limit, command.after)
    return [UsedLimits(owner, limits.of(owner), usage) for owner, usage in page]
