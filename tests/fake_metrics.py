"""Metrics that only remember, for the unit tests of whatever measures."""

from chalicelib.core.measures import Measure


class FakeMetrics:
    """Keeps the contract of `Metrics`, and sees to it that the one who measures does, too."""

    def __init__(self) -> None:
        self.added: list[tuple[Measure, float, dict[str, str]]] = []

    def add(self, measure: Measure, value: float = 1, **dimensions: str) -> None:
        wanted = {measure.dimension} if measure.dimension else set()
        assert set(dimensions) == wanted, f"{measure} takes the dimensions {wanted}, not {set(dimensions)}"
        assert all(dimensions.values()), f"a dimension of {measure} is empty"
        self.added.append((measure, value, dimensions))

    def values(self, measure: Measure, **dimensions: str) -> list[float]:
        """Return what was added to this metric, in order."""
        return [value for name, value, about in self.added if (name, about) == (measure, dimensions)]

    def total(self, measure: Measure, **dimensions: str) -> float:
        return sum(self.values(measure, **dimensions))
