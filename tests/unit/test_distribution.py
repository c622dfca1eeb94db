"""The order in which pytest-xdist's workers get the tests."""

import pytest

from tests.distribution import order_for_workers

SECONDS = {"a": 0, "b": 30, "c": 0, "d": 20, "e": 10, "f": 0, "g": 0, "h": 0, "i": 2}


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        (1, "bdeiacfgh"),
        (2, "biacdefgh"),
        (3, "bacdfgeih"),
        (9, "bdeiacfgh"),
    ],
)
def test_each_workers_slice_begins_with_its_share_of_slow_tests(workers: int, expected: str) -> None:
    assert "".join(order_for_workers(list("abcdefghi"), lambda test: SECONDS[test], workers)) == expected


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 20])
@pytest.mark.parametrize("slow", [0, 1, 5, 10])
def test_no_test_is_lost_or_doubled(workers: int, slow: int) -> None:
    ordered = order_for_workers(range(10), lambda test: 5.0 if test < slow else 0.0, workers)
    assert sorted(ordered) == list(range(10))
