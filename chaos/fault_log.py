"""The record of what was broken: chaos.jsonl in the data directory, one line of JSON a fault."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE = "chaos.jsonl"


class Record:
    """Appends faults. Several processes and threads may do so at once: a line is one write to its end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, fault: str, **details: Any) -> None:
        """Write down a fault that happens now. Its name is one of the option's."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "fault": fault, **details}) + "\n"
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())


def faults(path: Path) -> list[dict[str, Any]]:
    """Return what the record holds, oldest first."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def counts(path: Path) -> Counter[str]:
    """Return how many faults of each name the record holds."""
    return Counter(fault["fault"] for fault in faults(path))


def table(path: Path) -> Iterator[str]:
    """Yield the lines of a table: each fault, the way it happened where there are several, and how often."""
    ways = Counter(f"{fault['fault']} {fault.get('way', '')}".strip() for fault in faults(path))
    for way, count in sorted(ways.items()):
        yield f"  {way:<28}{count:>6}"
