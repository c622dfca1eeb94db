"""The order of the tests: each worker of pytest-xdist begins with its share of the slow ones.

`make test` uses `--dist worksteal`, which gives each worker a slice of the collected tests; a worker that has none
left takes half of another's, from the end. So a slow test that comes late in its slice would be started last and
be waited for, and slow tests that follow each other would be one worker's. The mark `slow(seconds)` says about how
long a test takes; only the order depends on it.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

Test = TypeVar("Test")


def order_for_workers(tests: Sequence[Test], seconds: Callable[[Test], float], workers: int) -> list[Test]:
    """Return the tests in an order in which each worker's slice begins with as many slow seconds as the others'.

    `seconds` returns how long a test takes, 0 for one that isn't marked as slow. A worker begins with its longest.
    Equally slow tests, and all others, keep their order, so that tests that share a fixture stay together.
    """
    shares: list[list[int]] = [[] for _ in range(workers)]
    durations = [seconds(test) for test in tests]
    slow = sorted((n for n, duration in enumerate(durations) if duration), key=lambda n: -durations[n])
    for n in slow:  # longest first, each to the worker that has the least: Graham's LPT rule
        min(shares, key=lambda share: sum(durations[item] for item in share)).append(n)
    others = (test for test, duration in zip(tests, durations, strict=True) if not duration)
    ordered: list[Test] = []
    for share, size in zip(shares, _slice_sizes(len(tests), workers), strict=True):
        ordered += [tests[n] for n in share]
        ordered += islice(others, max(0, size - len(share)))
    return [*ordered, *others]


def _slice_sizes(tests: int, workers: int) -> list[int]:
    """Return how many tests pytest-xdist's WorkStealingScheduling gives to each worker."""
    sizes = []
    for remaining in range(workers, 0, -1):
        sizes.append(tests // remaining)
        tests -= sizes[-1]
    return sizes
