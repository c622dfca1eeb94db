"""Metrics that only remember, for the unit tests of whatever measures."""

from chalicelib.core.metrics import Metric


class FakeMetrics:
    """Keeps the contract of `Metrics`, and sees to it that the one who measures does, too."""

    def __init__(self) -> None:
        self.added: list[tuple[Metric, float, dict[str, str]]] = []

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        wanted = {metric.dimension} if metric.dimension else set()
        assert set(dimensions) == wanted, f"{metric} takes the dimensions {wanted}, not {set(dimensions)}"
        assert all(dimensions.values()), f"a dimension of {metric} is empty"
        self.added.append((metric, value, dimensions))

    def values(self, metric: Metric, **dimensions: str) -> list[float]:
        """Return what was added to this metric, in order."""
        return [value for name, value, about in self.added if (name, about) == (metric, dimensions)]

    def total(self, metric: Metric, **dimensions: str) -> float:
        return sum(self.values(metric, **dimensions))
