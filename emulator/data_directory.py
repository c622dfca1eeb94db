"""The directory that holds everything that survives a restart, locked for one emulator at a time."""

import fcntl
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from emulator.errors import EmulatorError

LOCK_FILE = "emulator.lock"
LOCK_FILE_TEXT = "Made by `python -m emulator`. Everything in this directory may be deleted by its --fresh.\n"


class DirectoryInUseError(EmulatorError):
    """Another emulator is using the data directory."""


class DataDirectory:
    """A locked data directory; a context manager. Raises EmulatorError if it can't be used.

    One file both locks the directory and marks it as the emulator's. The kernel releases the lock when the
    emulator ends, however it ends.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    def __enter__(self) -> Self:
        lock_path = self.path / LOCK_FILE
        if set("\r\n") & set(str(self.path)):
            raise EmulatorError(
                f"{str(self.path)!r} has a line break, which PostgreSQL doesn't accept in a path; "
                "choose another directory with --data-dir"
            )
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not lock_path.exists() and any(self.path.iterdir()):
                raise EmulatorError(
                    f"{self.path} isn't empty and wasn't made by the emulator; "
                    "choose another directory with --data-dir"
                )
            self._lock = lock_path.open("a")
        except OSError as error:
            raise self._cannot_be_used(error) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise DirectoryInUseError(
                f"another emulator is using {self.path}; stop it, or choose another directory with --data-dir"
            ) from None
        if lock_path.stat().st_size == 0:
            try:
                lock_path.write_text(LOCK_FILE_TEXT)
            except OSError as error:  # a full disk
                self._lock.close()
                raise self._cannot_be_used(error) from None
        return self

    def _cannot_be_used(self, error: OSError) -> EmulatorError:
        return EmulatorError(
            f"{self.path} can't be used ({error.strerror}); choose another directory with --data-dir"
        )

    def clear(self) -> None:
        """Delete everything but the lock file. No process may still be using it."""
        for entry in self.path.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry.name != LOCK_FILE:
                entry.unlink()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._lock.close()
