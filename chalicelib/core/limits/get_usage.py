"""Get what an owner has used of the limits."""

from msgspec import Struct

from chalicelib.core.limits.model import OwnerLimits, Usage
from chalicelib.core.limits.ports import UsageCounts


class GetUsage(Struct, frozen=True):
    """Get what the owner has used of these limits, which are that owner's."""

    owner: str
    limits: OwnerLimits


class UsedLimits(Struct, frozen=True):
    """An owner's limits, and what is used of them."""

    owner: str
    limits: OwnerLimits
    usage: Usage


def get_usage(command: GetUsage, *, usage_counts: UsageCounts) -> UsedLimits:
    """Return the owner's usage. One statement. Raises ServiceError(DATABASE_UNAVAILABLE)."""
    return UsedLimits(command.owner, command.limits, usage_counts.get(command.owner))
