"""Free space of the disk that holds the data."""

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
START_BYTES = 32 * MIB
"""PostgreSQL may need two more segments of its write-ahead log to start."""


def check_space(directory: Path, print_line: Callable[[str], None]) -> None:
    """Raise EmulatorError if the servers can't start for lack of space in their data directory. Print a warning if
    they can, but S3 would refuse uploads."""
    free = free_bytes(directory)
    needed = START_BYTES if (directory / "postgres").exists() else FIRST_START_BYTES
    left = f"the disk of {directory} has {free // MIB} MB left"
    advice = "make space on it, or choose another directory with --data-dir"
    if free < needed:
        raise EmulatorError(f"{left}, and {needed // MIB} MB are needed; {advice}")
    if not has_room(directory, 0):
        print_line(f"warning: {left}, so uploads are refused; {advice}")


def free_bytes(directory: Path) -> int:
    """Return how many bytes can still be written on the directory's disk. Root's share doesn't count."""
    return shutil.disk_usage(directory).free


def has_room(directory: Path, size: int) -> bool:
    """Return whether a new file of so many bytes leaves the reserve untouched."""
    disk = os.statvfs(directory)
    has_bytes = disk.f_bavail * disk.f_frsize - size >= RESERVE_BYTES
    counts_files = disk.f_files > 0  # a file system without inodes, such as btrfs, reports 0
    return has_bytes and (not counts_files or disk.f_favail >= RESERVE_FILES)


def is_writable(directory: Path) -> bool:
    """Return whether files can be created there: not on a disk that is mounted read-only, even for root."""
    return os.access(directory, os.W_OK | os.X_OK)
