"""The order in which pytest-xdist's workers get the tests."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import pytest

from tests.distribution import order_for_workers

Test = TypeVar("Test")

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
    assert "".join(order(list("abcdefghi"), lambda test: SECONDS[test], workers)) == expected


def order(tests: Sequence[Test], seconds: Callable[[Test], float], workers: int, shared: str = "") -> list[Test]:
    return order_for_workers(tests, seconds, lambda test: str(test) in shared, workers)


@pytest.mark.parametrize(("shared", "expected"), [("ce", "ceibafdgh"), ("bfghi", "bfghidace"), ("", "bacdfgeih")])
def test_first_worker_gets_the_tests_that_share_servers_in_their_order(shared: str, expected: str) -> None:
    """Its other slow tests are fewer for it."""
    assert "".join(order(list("abcdefghi"), lambda test: SECONDS[test], 3, shared)) == expected


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 20])
@pytest.mark.parametrize("slow", [0, 1, 5, 10])
def test_no_test_is_lost_or_doubled(workers: int, slow: int) -> None:
    ordered = order(range(10), lambda test: 5.0 if test < slow else 0.0, workers, shared="2357")
    assert sorted(ordered) == list(range(10))
