"""The conformance suite of `Metrics`: the fake, and CloudWatch's embedded metric format on stdout."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from chalicelib.adapters.emf_metrics import EmfMetrics
from chalicelib.core.metrics import Metric, Metrics
from tests.fakes.metrics import FakeMetrics

ReadValues = Callable[..., list[float]]
"""Returns the values of a metric and its dimension so far."""


@dataclass
class EmfReader:
    """Reads the documents that were written to stdout."""

    capsys: pytest.CaptureFixture[str]
    written: str = ""

    def values(self, metric: Metric, **dimensions: str) -> list[float]:
        self.written += self.capsys.readouterr().out
        documents = [json.loads(line) for line in self.written.splitlines()]
        return [
            value
            for document in documents
            if all(document.get(name) == given for name, given in dimensions.items())
            for value in document.get(metric.value, [])
        ]


@pytest.fixture(params=["fake", "emf"])
def metrics_and_values(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> tuple[Metrics, ReadValues]:
    if request.param == "fake":
        fake = FakeMetrics()
        return fake, fake.values
    return EmfMetrics("test"), EmfReader(capsys).values


def test_values_are_recorded_in_order(metrics_and_values: tuple[Metrics, ReadValues]) -> None:
    metrics, values = metrics_and_values
    metrics.add(Metric.UPLOADS)
    metrics.add(Metric.TIME_TO_PROCESSED, 12.5)
    metrics.add(Metric.TIME_TO_PROCESSED, 7)
    assert values(Metric.UPLOADS) == [1]
    assert values(Metric.TIME_TO_PROCESSED) == [12.5, 7]
    assert values(Metric.QUEUE_AGE) == []


def test_values_are_recorded_for_each_dimension(metrics_and_values: tuple[Metrics, ReadValues]) -> None:
    metrics, values = metrics_and_values
    metrics.add(Metric.FAILED, code="a")
    metrics.add(Metric.FAILED, 2, code="b")
    metrics.add(Metric.FAILED, 3, code="a")
    assert (values(Metric.FAILED, code="a"), values(Metric.FAILED, code="b")) == ([1, 3], [2])
    assert values(Metric.FAILED, code="c") == []


def test_values_of_concurrent_threads_are_all_recorded(metrics_and_values: tuple[Metrics, ReadValues]) -> None:
    metrics, values = metrics_and_values
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: metrics.add(Metric.QUEUE_AGE, number), range(400)))
    assert sorted(values(Metric.QUEUE_AGE)) == list(range(400))
