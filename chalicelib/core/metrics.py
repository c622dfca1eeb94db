"""What the service counts and measures, for whoever runs it."""

from enum import StrEnum
from typing import Protocol, Self


class Unit(StrEnum):
    """As CloudWatch calls them.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
    """

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"


class Measure(StrEnum):
    """A metric: its name, its unit, and the dimension that tells its values apart, where it has one.

    A dimension takes few values, each of them a name in the code: every one of them is a metric that costs.
    """

    unit: Unit
    dimension: str | None

    def __new__(cls, name: str, unit: Unit, dimension: str | None = None) -> Self:
        member = str.__new__(cls, name)
        member._value_ = name
        member.unit = unit
        member.dimension = dimension
        return member

    UPLOADS = "Uploads", Unit.COUNT
    """Files that were handed in through the API."""
    PROCESSED = "Processed", Unit.COUNT
    """Files that ended in `processed`."""
    FAILED = "Failed", Unit.COUNT, "code"
    """Files that ended in `failed`, by their `error.code`."""
    TIME_TO_PROCESSED = "TimeToProcessed", Unit.MILLISECONDS
    """From when a file was queued, by its upload or to be processed again, to its end in `processed`."""
    SWEEP_ACTIONS = "SweepActions", Unit.COUNT, "outcome"
    """What the sweep found and dealt with, by what it was."""
    QUEUE_AGE = "QueueAge", Unit.SECONDS
    """How long the oldest file that isn't processed yet has waited since it was queued, 0 without any. Each sweep
    measures it before anything else."""


class Metrics(Protocol):
    """Where measurements go."""

    def add(self, measure: Measure, value: float = 1, **dimensions: str) -> None:
        """Note one value, in the measure's unit, under the measure's dimension if it has one:
        `add(Measure.FAILED, code="attempts_exhausted")`. Several threads may call it at once. Raises nothing."""
