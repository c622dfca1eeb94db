"""The metrics that the service emits."""

from enum import StrEnum
from typing import Protocol, Self


class Unit(StrEnum):
    """CloudWatch's units.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
    """

    COUNT = "Count"
    MILLISECONDS = "Milliseconds"
    SECONDS = "Seconds"


class Metric(StrEnum):
    """A metric: its name, its unit, and its dimension, if it has one.

    A dimension has few values, each a name in the code: every one of them is billed as a metric.
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
    """Files whose bytes came through the API; those that clients send to S3 are not counted."""
    PROCESSED = "Processed", Unit.COUNT
    """Files that ended in `processed`."""
    FAILED = "Failed", Unit.COUNT, "code"
    """Files that ended in `failed` or `rejected`, by their `error.code`."""
    TIME_TO_PROCESSED = "TimeToProcessed", Unit.MILLISECONDS
    """From when a file was queued, by its upload or to be processed again, to its end in `processed`."""
    SWEEP_ACTIONS = "SweepActions", Unit.COUNT, "outcome"
    """Actions of the sweep, by their outcome."""
    QUEUE_AGE = "QueueAge", Unit.SECONDS
    """How long the oldest file that isn't processed yet has waited since it was queued, 0 without any. Each sweep
    emits it before anything else."""


class Metrics(Protocol):
    """Receives measurements."""

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        """Record one value, in the metric's unit, with the metric's dimension if it has one:
        `add(Metric.FAILED, code="attempts_exhausted")`. Thread-safe. Raises nothing."""
