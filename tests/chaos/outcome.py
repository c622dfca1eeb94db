"""What came of a run, and the table that tells it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """What was handed in, and what became of it."""

    accepted: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that was answered with 201, by id."""
    answers: Counter[str] = field(default_factory=Counter)
    """To uploads: statuses, or that there was none."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Of those that were accepted."""
    not_accepted: Counter[str] = field(default_factory=Counter)
    """The statuses of the rows that other answers, or none, have left."""
    attempts: Counter[int] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    """Of all timelines."""
    wrong: list[str] = field(default_factory=list)
    """What isn't as it was promised."""


def table(faults: Counter[str], outcome: Outcome) -> str:
    """Return the injected faults beside what came of them."""
    rows = [("injected", ""), *(_rows(faults)), ("", ""), ("answers to uploads", ""), *_rows(outcome.answers)]
    rows += [("", ""), (f"accepted: {len(outcome.accepted)}, ended", ""), *_rows(outcome.statuses)]
    rows += [("", ""), (f"not accepted: {outcome.not_accepted.total()}, ended", ""), *_rows(outcome.not_accepted)]
    rows += [("", ""), ("attempts", ""), *_rows(outcome.attempts)]
    rows += [("", ""), ("in their timelines", ""), *_rows(outcome.happened)]
    rows += [("", ""), ("broken promises", str(len(outcome.wrong)))]
    return "\n".join(f"{name:<28} {value:>8}".rstrip() for name, value in rows)


def _rows(counted: "Counter[Any]") -> Iterator[tuple[str, str]]:
    for name, times in sorted(counted.items(), key=lambda row: str(row[0])):
        yield f"  {name}", str(times)
