"""Files in which blocks of zeros take no space: a test's file of gigabytes costs a few kilobytes."""

import errno
import os
from collections.abc import Iterator
from typing import BinaryIO

BLOCK_BYTES = 65_536
ZEROS = bytes(BLOCK_BYTES)
COPY_BYTES = 1_048_576


def write_sparse(file: BinaryIO, offset: int, content: bytes) -> None:
    """Write into a hole of a file, and leave holes where whole blocks are zeros. The file may end too early then:
    the caller sets its length (`truncate`)."""
    for start in range(0, len(content), BLOCK_BYTES):
        block = content[start : start + BLOCK_BYTES]
        if block != ZEROS[: len(block)]:
            _write_all(file, block, offset + start)


def copy_range(source: BinaryIO, start: int, size: int, target: BinaryIO, offset: int, *, into_hole: bool) -> None:
    """Copy bytes of a file to this offset of another. Holes are copied as zeros. Where the bytes go into a hole
    they are left out, and the caller sets the file's length."""
    for first, stop in _data_ranges(source, start, start + size) if into_hole else [(start, start + size)]:
        for position in range(first, stop, COPY_BYTES):
            block = os.pread(source.fileno(), min(COPY_BYTES, stop - position), position)
            _write_all(target, block, offset + position - start)


def is_hole(file: BinaryIO, start: int, stop: int) -> bool:
    """Return whether the file has no data between these offsets."""
    return not any(_data_ranges(file, start, stop))


def _data_ranges(file: BinaryIO, start: int, stop: int) -> Iterator[tuple[int, int]]:
    position = start
    while position < stop:
        try:
            first = os.lseek(file.fileno(), position, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # no data until the end
                return
            raise
        if first >= stop:
            return
        position = min(os.lseek(file.fileno(), first, os.SEEK_HOLE), stop)
        yield first, position


def _write_all(file: BinaryIO, content: bytes, offset: int) -> None:
    written = 0
    while written < len(content):
        written += os.pwrite(file.fileno(), content[written:], offset + written)
