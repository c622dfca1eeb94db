"""How far an upload or a download is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock


class Phase(StrEnum):
    """What a transfer is doing."""

    CHECKSUM = "checksum"
    """Reads the file to compute its checksum, before the upload."""
    UPLOAD = "upload"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one phase of a transfer is."""

    phase: Phase
    done: int
    """Bytes. It falls when a part has to be sent again."""
    total: int
    """Bytes."""
    resumed: int = 0
    """Bytes of `done` that an earlier attempt had transferred."""


ProgressCallback = Callable[[Progress], None]
"""Called often, by one thread at a time, which isn't always the same one. If it raises, the transfer ends."""


class ProgressMeter:
    """Counts the bytes of one phase, for several threads."""

    def __init__(self, callback: ProgressCallback | None, phase: Phase, total: int, resumed: int = 0) -> None:
        self._callback = callback
        self._phase = phase
        self._total = total
        self._resumed = resumed
        self._done = resumed
        self._lock = Lock()
        self.add(0)

    def add(self, count: int) -> None:
        """Add bytes to those that are done, or take them back if the number is negative."""
        with self._lock:
            self._done += count
            if self._callback is not None:
                self._callback(Progress(self._phase, self._done, self._total, self._resumed))
