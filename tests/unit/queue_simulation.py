"""A simulation of calls that wait for servers, with which benchmarks/model.py is compared."""

import heapq
import math
import random


def simulate(rate: float, seconds: float, servers: int, duration: float) -> tuple[float, float]:
    """Simulate calls that arrive at random, and of which each occupies one of the servers for a while.

    `duration` is the mean of exponentially distributed times. Return the mean number of calls that are served or
    wait, and the number that wait at the end.
    """
    chance = random.Random(1)
    now, ends, waiting, area = 0.0, list[float](), 0, 0.0
    arrival = chance.expovariate(rate)
    while now < seconds:
        following = min(arrival, ends[0] if ends else math.inf, seconds)
        area += (following - now) * (len(ends) + waiting)
        now = following
        if ends and now == ends[0]:
            heapq.heappop(ends)
            starting = min(waiting, 1)
            waiting -= starting
        elif now == arrival:
            arrival = now + chance.expovariate(rate)
            starting = int(len(ends) < servers)
            waiting += 1 - starting
        else:
            starting = 0
        for _ in range(starting):
            heapq.heappush(ends, now + chance.expovariate(1 / duration))
    return area / seconds, waiting
