"""Get an overview of the whole service."""

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct

from chalicelib.core.administration.model import Count, Overview, Precision
from chalicelib.core.administration.ports import FamilySample, FileCounts, SweepRecords
from chalicelib.core.files.statuses import Status

MAX_LATE_FILES = 20

FAILURE_PERIOD = timedelta(days=7)


class GetOverview(Struct, frozen=True):
    """Get the overview, in which a file is late that has waited to be processed for longer than `max_wait`."""

    max_wait: timedelta


def get_overview(command: GetOverview, *, counts: FileCounts, sweeps: SweepRecords) -> Overview:
    """Return the overview. Five statements. Raises ServiceError(DATABASE_UNAVAILABLE)."""
    statuses = counts.by_status()
    return Overview(
        measured_at=statuses.measured_at,
        statuses=statuses.by_status,
        families=_estimate(counts.sample_families(), statuses.by_status),
        late=counts.late(command.max_wait, MAX_LATE_FILES),
        failures=counts.failures(FAILURE_PERIOD),
        marked=statuses.marked,
        last_sweep=sweeps.last(),
    )


def _estimate(sample: FamilySample, by_status: Mapping[Status, Count]) -> Mapping[str | None, Count]:
    """Return how many files of each family there are, the most frequent first."""
    sampled, total = sum(sample.by_family.values()), sum(count.files for count in by_status.values())
    most_frequent_first = sorted(sample.by_family.items(), key=lambda item: (-item[1], item[0] or ""))
    if sample.is_whole:
        return {family: Count(files) for family, files in most_frequent_first}
    return {
        family: Count(round(files * total / sampled), Precision.ABOUT) for family, files in most_frequent_first
    }
