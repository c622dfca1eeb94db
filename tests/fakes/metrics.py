"""Metrics in memory."""

from chalicelib.core.metrics import Metric


class FakeMetrics:
    """`Metrics` in memory. Asserts that callers give the metric's dimension."""

    def __init__(self) -> None:
        self.added: list[tuple[Metric, float, dict[str, str]]] = []

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        expected = {metric.dimension} if metric.dimension else set()
        assert set(dimensions) == expected, f"{metric} has the dimensions {expected}, not {set(dimensions)}"
        assert all(dimensions.values()), f"a dimension of {metric} is empty"
        self.added.append((metric, value, dimensions))

    def values(self, metric: Metric, **dimensions: str) -> list[float]:
        """Return what was added to this metric, in order."""
        return [value for name, value, about in self.added if (name, about) == (metric, dimensions)]

    def total(self, metric: Metric, **dimensions: str) -> float:
        return sum(self.values(metric, **dimensions))
