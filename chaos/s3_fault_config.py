"""What the emulator orders S3 to do: a small file that MiniStack's process reads at each of S3's requests."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

FILE = "chaos.orders.json"
DIRECTORY, SPEC = "CHAOS_DIRECTORY", "CHAOS_SPEC"
"""Names in its environment: the directory of this file and of the record, and what the option said."""


@dataclass(frozen=True)
class Orders:
    """What is to fail from now on."""

    rate: float = 0
    """Share of the requests."""
    outage_until: float = 0
    """Until this time (seconds since 1970) each of them."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return what was written there; without a file nothing is to fail."""
        try:
            return cls(**json.loads(path.read_text()))
        except FileNotFoundError:
            return cls()

    def write(self, path: Path) -> None:
        """Write them in one step."""
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(self)))
        new.replace(path)
