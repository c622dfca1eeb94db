"""The directory that holds all that outlives the emulator, for one emulator at a time."""

import fcntl
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from emulator.errors import EmulatorError

MARK = "emulator.lock"
MARK_TEXT = "Made by `python -m emulator`. Everything in this directory may be emptied by its --fresh.\n"


class DataDirectory:
    """A locked data directory; a context manager. Raises EmulatorError if it can't be had.

    One file both locks and marks it. The kernel releases the lock when the emulator ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def __enter__(self) -> Self:
        mark = self.path / MARK
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not mark.exists() and any(self.path.iterdir()):
                raise EmulatorError(
                    f"{self.path} isn't empty and wasn't made by the emulator; name another with --data-dir"
                )
            self._lock = mark.open("a")
        except OSError as fault:
            raise EmulatorError(
                f"the data directory can't be used, name another with --data-dir: {fault}"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise EmulatorError(
                f"another emulator runs on {self.path}; stop it, or name another directory with --data-dir"
            ) from None
        if mark.stat().st_size == 0:
            self._lock.write(MARK_TEXT)
            self._lock.flush()
        return self

    def empty(self) -> None:
        """Remove all but the mark. Nothing may still run on it."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != MARK:
                entry.unlink()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.close()
