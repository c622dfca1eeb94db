"""Metrics as lines on stdout, in CloudWatch's embedded metric format (EMF)."""

import json
import logging
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from msgspec import Struct

from chalicelib.core.metrics import Metric

log = logging.getLogger(__name__)

NAMESPACE = "file-loader"

VALUES_PER_LINE = 100
"""As many as EMF allows of a metric."""


class _Measurement(Struct, frozen=True):
    metric: Metric
    value: float
    dimensions: Mapping[str, str]


_collected: ContextVar[list[_Measurement] | None] = ContextVar("collected", default=None)


class EmfMetrics:
    """Implements `chalicelib.core.metrics.Metrics`, and adds the dimension `stage` to every metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        measurement = _Measurement(metric, value, {"stage": self._stage, **dimensions})
        collected = _collected.get()
        if collected is None:  # outside an invocation, or in a thread that one has started
            _write([measurement])
        else:
            collected.append(measurement)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect what is added inside, and write it at the end, also after an exception: a line for each set of
        dimensions, none if nothing was added. A failure to write is logged."""
        collected: list[_Measurement] = []
        token = _collected.set(collected)
        try:
            yield
        finally:
            _collected.reset(token)
            _write(collected)


def _write(measurements: Iterable[_Measurement]) -> None:
    try:
        lines = [json.dumps(document, separators=(",", ":")) + "\n" for document in _documents(measurements)]
        if lines:
            sys.stdout.write("".join(lines))  # in one call, so that the lines of threads don't mix
            sys.stdout.flush()
    except Exception:  # emitting metrics must never fail the invocation
        log.exception("metrics could not be written")


def _documents(measurements: Iterable[_Measurement]) -> Iterator[Mapping[str, Any]]:
    groups: dict[frozenset[tuple[str, str]], list[_Measurement]] = {}
    for measurement in measurements:
        groups.setdefault(frozenset(measurement.dimensions.items()), []).append(measurement)
    for group in groups.values():
        for start in range(0, len(group), VALUES_PER_LINE):
            yield _document(group[start : start + VALUES_PER_LINE])


def _document(group: list[_Measurement]) -> Mapping[str, Any]:
    """Return the document of measurements that have the same dimensions, at most VALUES_PER_LINE."""
    dimensions = group[0].dimensions
    values: dict[str, list[float]] = {}
    for measurement in group:
        values.setdefault(measurement.metric, []).append(float(measurement.value))
    units = {measurement.metric: measurement.metric.unit for measurement in group}
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(dimensions)],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }
    return {
        "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]},
        **dimensions,
        **values,
    }
