"""Free space of the disk that holds the data."""

import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from emulator.errors import EmulatorError

MIB = 1024 * 1024

RESERVE_BYTES = 64 * MIB
"""S3 refuses an object that would leave less. PostgreSQL is on the same disk and needs some to go on: deleting
files, which makes space, writes to the database."""
RESERVE_FILES = 1000
"""The same in files: each has an inode, and a disk may run out of these first."""

FIRST_START_BYTES = 192 * MIB
"""The reserve, 120 MB of a new PostgreSQL with its write-ahead log, and the first uploads."""
FIRST_START_FILES = 2500
"""The reserve, 1,050 files of a new PostgreSQL, and the first uploads. An upload takes three."""
START_BYTES = 32 * MIB
"""PostgreSQL may need two more segments of its write-ahead log to start."""
START_FILES = 50
"""What PostgreSQL and MiniStack create at a start."""


def check_space(directory: Path, print_line: Callable[[str], None]) -> None:
    """Raise EmulatorError if the servers can't start for lack of space in their data directory. Print a warning if
    they can, but S3 would refuse uploads."""
    is_first = not (directory / "postgres").exists()
    needed = (FIRST_START_BYTES, FIRST_START_FILES) if is_first else (START_BYTES, START_FILES)
    advice = "make space on it, or choose another directory with --data-dir"
    if shortage := _find_shortage(directory, *needed):
        raise EmulatorError(f"the disk of {directory} has {shortage}; {advice}")
    if shortage := _find_shortage(directory, RESERVE_BYTES, RESERVE_FILES):
        print_line(f"warning: the disk of {directory} has {shortage}, so uploads are refused; {advice}")


def _find_shortage(directory: Path, needed_bytes: int, needed_files: int) -> str | None:
    """Return what is missing on the directory's disk. None if it has so many bytes and so many files left."""
    if (free := free_bytes(directory)) < needed_bytes:
        return f"{free // MIB} MB left, and {needed_bytes // MIB} MB are needed"
    if (files := free_files(directory)) < needed_files:
        return f"inodes for {files} files left, and {needed_files} are needed"
    return None


def free_bytes(directory: Path) -> int:
    """Return how many bytes can still be written on the directory's disk. Root's share doesn't count."""
    return shutil.disk_usage(directory).free


def free_files(directory: Path) -> float:
    """Return how many files can still be created there. Infinity where the file system has no fixed number of
    inodes and reports 0 of 0, such as btrfs."""
    disk = os.statvfs(directory)
    return disk.f_favail if disk.f_files else math.inf


def has_room(directory: Path, size: int) -> bool:
    """Return whether a new file of so many bytes leaves the reserve untouched."""
    return free_bytes(directory) - size >= RESERVE_BYTES and free_files(directory) >= RESERVE_FILES


def is_writable(directory: Path) -> bool:
    """Return whether files can be created there: not on a disk that is mounted read-only, even for root."""
    return os.access(directory, os.W_OK | os.X_OK)
