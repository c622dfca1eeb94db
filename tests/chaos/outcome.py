"""The outcome of a run, and a table of it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """The uploads, and the state of their files at the end."""

    accepted: dict[str, str] = field(default_factory=dict)
    """The SHA-256 of each file whose upload returned 201, by id."""
    behaviours: Counter[str] = field(default_factory=Counter)
    """Of the clients that have done what they do."""
    responses: Counter[str] = field(default_factory=Counter)
    """Of uploads: statuses, or the exception if there was no response; to S3 after the step."""
    statuses: Counter[str] = field(default_factory=Counter)
    """Of the accepted files."""
    unaccepted_statuses: Counter[str] = field(default_factory=Counter)
    """Of the rows that other responses, or none, have left."""
    attempts: Counter[int] = field(default_factory=Counter)
    timeline_events: Counter[str] = field(default_factory=Counter)
    """Of all files."""
    left_to_lifecycle: int = 0
    """Open multipart uploads that only the bucket's lifecycle can abort."""
    broken_promises: list[str] = field(default_factory=list)


def format_outcome(faults: Counter[str], outcome: Outcome) -> str:
    """Return a table of the injected faults and their effects."""
    rows = [("injected", ""), *(_rows(faults)), ("", ""), ("clients", ""), *_rows(outcome.behaviours)]
    rows += [("", ""), ("responses to uploads", ""), *_rows(outcome.responses)]
    rows += [("", ""), (f"accepted: {len(outcome.accepted)}, ended as", ""), *_rows(outcome.statuses)]
    unaccepted = outcome.unaccepted_statuses
    rows += [("", ""), (f"not accepted: {unaccepted.total()}, ended as", ""), *_rows(unaccepted)]
    rows += [("", ""), ("attempts", ""), *_rows(outcome.attempts)]
    rows += [("", ""), ("in their timelines", ""), *_rows(outcome.timeline_events)]
    rows += [("", ""), ("left to the lifecycle", str(outcome.left_to_lifecycle))]
    rows += [("", ""), ("broken promises", str(len(outcome.broken_promises)))]
    return "\n".join(f"{name:<60} {value:>8}".rstrip() for name, value in rows)


def _rows(counts: "Counter[Any]") -> Iterator[tuple[str, str]]:
    for name, count in sorted(counts.items(), key=lambda row: str(row[0])):
        yield f"  {name}", str(count)
