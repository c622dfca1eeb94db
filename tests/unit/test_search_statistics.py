"""What is expected of PostgreSQL's statistics, and when they are read."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.list_conditions import Element
from chalicelib.adapters.postgres.search_statistics import (
    SECONDS_KEPT,
    SearchStatistics,
    SearchStatisticsReader,
)

STATISTICS = SearchStatistics({("terms", "a"): 0.5, ("terms", "b"): 0.1, ("words", "a"): 0.25}, [])


class Statistics:
    """A database that has only statistics."""

    def __init__(self) -> None:
        self.rows = [
            SimpleNamespace(
                column_name="name", elements=None, frequencies=None, null_frac=0.0, bounds=["a.txt", "b.txt"]
            ),
            SimpleNamespace(
                column_name="search_terms",
                elements=["7", "-8"],
                frequencies=[1.0, 0.5, 0.5, 1.0, 0.0],  # and the least, the greatest and that of null
                null_frac=0.2,
                bounds=None,
            ),
        ]
        self.times_read = 0

    def read(self, _statement: str) -> list[Any]:
        self.times_read += 1
        return self.rows


@pytest.mark.parametrize(
    ("elements", "share"),
    [
        ([], 1.0),
        ([("terms", "a", 1)], 0.5),
        ([("terms", "a", 1), ("words", "a", 1)], 0.125),
        ([("terms", "a", 0), ("words", "a", 0)], 0.25),
        ([("terms", "b", 1), ("terms", "a", -1)], 0.1),
        ([("terms", "b", 1), ("terms", "unknown", -1)], 0.1),
        ([("terms", "b", 1), ("terms", "b", 1), ("terms", "a", -1)], 0.02),
        ([("terms", "a", 1), ("terms", "unknown", 1)], 0.0),
        ([("terms", "b", 1)] * 250, 1e-250),
        ([("terms", "b", 1)] * 400, 0.0),  # too small for a number
    ],
)
def test_the_expected_share(elements: list[tuple[str, str, int]], share: float) -> None:
    assert STATISTICS.expect_share(Element(*each) for each in elements) == pytest.approx(share)


def test_statistics_are_kept_for_some_minutes() -> None:
    database, now = Statistics(), 1.0
    reader = SearchStatisticsReader(cast("Database", database), clock=lambda: now)
    for _ in range(2):
        statistics = reader.read()
        assert statistics.shares == {("search_terms", "7"): 0.8, ("search_terms", "-8"): 0.4}
        assert statistics.names == ["a.txt", "b.txt"]
        assert (statistics.share_of_term(7), statistics.share_of_term(9)) == (0.8, 0)
    now += SECONDS_KEPT - 0.1
    reader.read()
    assert database.times_read == 1
    now += 0.1
    database.rows = []
    assert reader.read().shares == {}
    assert database.times_read == 2
