"""The log of injected faults: chaos.jsonl in the data directory, one line of JSON per fault."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FILE_NAME = "chaos.jsonl"


class FaultLog:
    """Appends faults to a file. Safe for several processes and threads: a line is one write to its end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, fault: str, **details: Any) -> None:
        """Append a fault that happens now.

        Its name is that of an option of `--chaos`, or `s3_refused`: an S3 request during an outage.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": at, "fault": fault, **details}) + "\n"
        with self._path.open("ab", buffering=0) as file:
            file.write(line.encode())


def read_faults(path: Path) -> list[dict[str, Any]]:
    """Return the faults in the log, oldest first."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def format_counts(path: Path) -> Iterator[str]:
    """Yield the lines of a table: each fault, its mode where it has several, and how often it happened."""
    counts = Counter(f"{fault['fault']} {fault.get('mode', '')}".strip() for fault in read_faults(path))
    for name, count in sorted(counts.items()):
        yield f"  {name:<28}{count:>6}"
