"""Build the limits of all owners from the settings."""

from collections.abc import Mapping
from typing import Any

from chalicelib.core.limits.model import Limits, OwnerLimits, Quotas

OF_QUOTAS = ("max_files", "max_stored_bytes", "max_files_per_day", "max_bytes_per_day")
OF_OWNER = ("max_file_bytes", "requests_per_minute", "allowed_types", "denied_types")

NAMES = (*OF_OWNER, *OF_QUOTAS)
"""Of the settings of the stage, and of those of an owner."""


def build_limits(of_stage: Mapping[str, Any], by_owner: Mapping[str, Mapping[str, Any]]) -> Limits:
    """Return the limits of the stage, and of owners that have others. Both are by NAMES; what an owner doesn't
    have is the stage's."""
    return Limits(
        _owner_limits(of_stage), {owner: _owner_limits({**of_stage, **own}) for owner, own in by_owner.items()}
    )


def _owner_limits(values: Mapping[str, Any]) -> OwnerLimits:
    quotas = Quotas(**{name: values[name] for name in OF_QUOTAS})
    return OwnerLimits(quotas=quotas, **{name: values[name] for name in OF_OWNER})
