"""The value of the option `--chaos`: which faults are injected, and how often."""

import math
import random
from argparse import ArgumentTypeError
from collections.abc import Iterator
from dataclasses import dataclass, fields

MAX_RATES = {
    "duplicate": 1,
    "reorder": 1,
    "delay": 1,
    "drop": 1,
    "kill": 5,
    "postgres": 20,
    "s3": 1,
    "s3_outage": 50,
}
"""Each fault's name and its highest value. Shares are at most 1.

kill: the emulator injects faults five times a second. postgres: a restart takes a second or two. s3_outage: there
is one a minute, and some requests must succeed between two of them.
"""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """How often each fault is injected; 0 means never."""

    seed: int
    duplicate: float = 0
    """Share of the events that come twice."""
    reorder: float = 0
    """Share of the events that later ones overtake."""
    delay: float = 0
    """Share of the events that come seconds late."""
    drop: float = 0
    """Share of the events that never come."""
    kill: float = 0
    """Mean number of Lambda workers killed per second."""
    postgres: float = 0
    """Mean number of restarts of PostgreSQL per minute."""
    s3: float = 0
    """Share of the S3 requests that fail or take seconds."""
    s3_outage: float = 0
    """Seconds, once a minute, in which every S3 request fails."""

    def __str__(self) -> str:
        """Return the text that `parse` turns into this."""
        return ",".join(
            f"{name}={value:g}" if name != "seed" else f"seed={value}" for name, value in self.active_items()
        )

    def active_items(self) -> Iterator[tuple[str, float]]:
        """Yield the names and values that are not 0, and the seed's."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value or field.name == "seed":
                yield field.name, value

    def random(self, purpose: str) -> random.Random:
        """Return a generator for one purpose: how many numbers another has drawn doesn't change its numbers."""
        return random.Random(f"{self.seed} {purpose}")


HELP = (
    "duplicate, reorder, delay, drop (share of the events), kill (functions' processes per second), postgres "
    "(restarts per minute), s3 (share of its requests), s3_outage (seconds, once a minute), seed (repeats a run's "
    "random choices). All faults if none is named"
)

DEFAULTS = {
    "duplicate": 0.1,
    "reorder": 0.1,
    "delay": 0.1,
    "drop": 0.05,
    "kill": 0.05,
    "postgres": 2,
    "s3": 0.01,
    "s3_outage": 10,
}


def parse(text: str) -> Spec:
    """Parse `name=value,…`, as a `type` of argparse. If no fault is named, all have their DEFAULTS.

    Raises ArgumentTypeError.
    """
    values: dict[str, str] = {}
    for item in text.split(",") if text else []:
        name, _, value = item.partition("=")
        if name not in {"seed", *MAX_RATES}:
            raise ArgumentTypeError(f"unknown fault {name!r}; choose from {', '.join(MAX_RATES)}, or set seed")
        if name in values:
            raise ArgumentTypeError(f"{name} is named twice")
        values[name] = value
    seed = _parse_seed(values.pop("seed", None))
    rates = {name: _parse_rate(name, value) for name, value in values.items()} or DEFAULTS
    if not any(rates.values()):
        raise ArgumentTypeError("every fault is 0; omit the option to run without faults")
    return Spec(seed=seed, **rates)


def _parse_seed(value: str | None) -> int:
    if value is None:
        return random.SystemRandom().randrange(1_000_000)
    if not (value.isascii() and value.isdigit()):
        raise ArgumentTypeError(f"seed must be an integer of 0 or more, got {value!r}")
    return int(value)


def _parse_rate(name: str, value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= MAX_RATES[name]:
        raise ArgumentTypeError(f"{name} must be a number from 0 to {MAX_RATES[name]}, got {value!r}")
    return rate
