"""What `--chaos` says: which faults, and how often."""

import math
import random
from argparse import ArgumentTypeError
from collections.abc import Iterator
from dataclasses import dataclass, fields

HIGHEST = {
    "duplicate": 1,
    "reorder": 1,
    "delay": 1,
    "drop": 1,
    "kill": 5,
    "postgres": 20,
    "s3": 1,
    "s3_outage": 50,
}
"""Each fault's name and its highest value. The emulator looks for what is due five times a second, a restart of
PostgreSQL takes a second or two, and between two outages something must get through."""


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The faults, 0 for those that are not wanted."""

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
    """Lambda workers killed, a second, in the mean."""
    postgres: float = 0
    """Restarts of PostgreSQL, a minute, in the mean."""
    s3: float = 0
    """Share of the S3 requests that fail or take seconds."""
    s3_outage: float = 0
    """Seconds, once a minute, in which every S3 request fails."""

    def __str__(self) -> str:
        """Return what `parse` makes this of."""
        return ",".join(f"{name}={value:g}" if name != "seed" else f"seed={value}" for name, value in self.given())

    def given(self) -> Iterator[tuple[str, float]]:
        """Yield the names that are not 0, with their values, and the seed."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value or field.name == "seed":
                yield field.name, value

    def random(self, purpose: str) -> random.Random:
        """Return the seed's random numbers for one purpose: how many another has drawn doesn't change them."""
        return random.Random(f"{self.seed} {purpose}")


HELP = (
    "duplicate, reorder, delay, drop (share of the events), kill (functions' processes, a second), postgres "
    "(restarts, a minute), s3 (share of its requests), s3_outage (seconds, once a minute), seed (repeats what was "
    "drawn). All of them if none is named"
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
    """Read `name=value,…`, as argparse's type. Where it names no fault, it is all of them at DEFAULTS.

    Raises ArgumentTypeError.
    """
    given: dict[str, str] = {}
    for item in text.split(",") if text else []:
        name, _, value = item.partition("=")
        if name not in {"seed", *HIGHEST}:
            raise ArgumentTypeError(f"{name!r} is no fault; there are seed, {', '.join(HIGHEST)}")
        if name in given:
            raise ArgumentTypeError(f"{name} is there twice")
        given[name] = value
    seed = _seed(given.pop("seed", None))
    rates = {name: _rate(name, value) for name, value in given.items()} or DEFAULTS
    if not any(rates.values()):
        raise ArgumentTypeError("every fault is 0; leave the option out for none")
    return Spec(seed=seed, **rates)


def _seed(value: str | None) -> int:
    if value is None:
        return random.SystemRandom().randrange(1_000_000)
    if not (value.isascii() and value.isdigit()):
        raise ArgumentTypeError(f"seed is a whole number from 0 on, not {value!r}")
    return int(value)


def _rate(name: str, value: str) -> float:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= HIGHEST[name]:
        raise ArgumentTypeError(f"{name} is a number from 0 to {HIGHEST[name]}, not {value!r}")
    return rate
