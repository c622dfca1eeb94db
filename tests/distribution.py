"""The order of the tests: each worker of pytest-xdist begins with its share of the slow ones.

`make test` uses `--dist worksteal`, which gives each worker a slice of the collected tests; a worker that has none
left takes half of another's, from the end. So a slow test that comes late in its slice would be started last and
be waited for, and slow tests that follow each other would be one worker's. The mark `slow(seconds)` says about how
long a test takes; only the order depends on it.

Tests that share servers which take seconds to start are all the first worker's: each other one would start them,
too. Its slice ends with tests that others can take.
"""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

Test = TypeVar("Test")

SECONDS_WITH_SERVERS = 1.0
"""What a test that shares servers takes at least, about."""


def order_for_workers(
    tests: Sequence[Test], seconds: Callable[[Test], float], shares_servers: Callable[[Test], bool], workers: int
) -> list[Test]:
    """Return the tests in an order in which each worker's slice begins with as many slow seconds as the others'.

    `seconds` returns how long a test takes, 0 for one that isn't marked as slow. A worker begins with its longest;
    the first one with the tests that share servers, in their order. Equally slow tests, and all others, keep their
    order, so that tests that share a fixture stay together.
    """
    durations = [seconds(test) for test in tests]
    first = [n for n, test in enumerate(tests) if shares_servers(test)]
    shares: list[list[int]] = [first, *([] for _ in range(workers - 1))]
    loads = [sum(max(durations[n], SECONDS_WITH_SERVERS) for n in first), *(0.0 for _ in range(workers - 1))]
    bound = set(first)
    slow = sorted(
        (n for n, duration in enumerate(durations) if duration and n not in bound), key=lambda n: -durations[n]
    )
    for n in slow:  # longest first, each to the worker that has the least: Graham's LPT rule
        worker = loads.index(min(loads))
        shares[worker].append(n)
        loads[worker] += durations[n]
    taken = {n for share in shares for n in share}
    others = (test for n, test in enumerate(tests) if n not in taken)
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
