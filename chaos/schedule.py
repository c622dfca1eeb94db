"""When faults are due, in seconds of a monotonic clock."""

import math
from random import Random

FIRST_OUTAGE_WITHIN = 10
OUTAGE_EVERY = 60


class Moments:
    """Moments at random, so many a second in the mean: a Poisson process, whose gaps are exponential."""

    def __init__(self, random: Random, rate: float, now: float) -> None:
        """`rate` is a second's; 0 is never."""
        self._random = random
        self._rate = rate
        self._next = now + self._gap()

    def due(self, now: float) -> bool:
        """Whether a moment has come. Of several that have, each call tells one."""
        if now < self._next:
            return False
        self._next += self._gap()
        return True

    def _gap(self) -> float:
        return self._random.expovariate(self._rate) if self._rate else math.inf


class Outages:
    """One a minute, the first within ten seconds: a short run is to have one, too."""

    def __init__(self, random: Random, seconds: float, now: float) -> None:
        """`seconds` is how long each lasts; 0 is never."""
        self._next = now + random.uniform(1, FIRST_OUTAGE_WITHIN) if seconds else math.inf

    def due(self, now: float) -> bool:
        """Whether one begins."""
        if now < self._next:
            return False
        self._next += OUTAGE_EVERY
        return True
