"""Read the boxes of ISO media files: MP4, QuickTime, 3GPP, and Canon's CR3. ISO/IEC 14496-12, 4.2"""

from collections.abc import Iterator
from typing import BinaryIO

from msgspec import Struct

MAX_BOXES = 256
"""Boxes on one level that are looked at. A recording in fragments has two for each."""

_LENGTH_FOLLOWS, _TO_THE_END = 1, 0
"""Sizes that aren't one: it is in the next eight bytes, or the box ends with what it is in."""


class Box(Struct, frozen=True):
    """A box's type, and where its content begins and ends in the file."""

    kind: bytes
    start: int
    end: int
    is_whole: bool = True
    """Whether it ends before what it is in, such as a truncated file, does."""


def iter_boxes(source: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two offsets, up to the first one that can't be right."""
    for _ in range(MAX_BOXES):
        if end - start < 8:
            return
        source.seek(start)
        header = source.read(16)
        size, content = int.from_bytes(header[:4]), start + 8
        if size == _LENGTH_FOLLOWS:
            size, content = int.from_bytes(header[8:16]), start + 16
        elif size == _TO_THE_END:
            size = end - start
        if len(header) < 8 or start + size < content or content > end:
            return
        yield Box(header[4:8], content, min(start + size, end), start + size <= end)
        start += size


def find_box(source: BinaryIO, within: Box, *path: bytes) -> Box | None:
    """Return the first box at the path of types within another one, or None."""
    for kind in path:
        found = next((box for box in iter_boxes(source, within.start, within.end) if box.kind == kind), None)
        if found is None:
            return None
        within = found
    return within


def read_content(source: BinaryIO, box: Box, at_most: int) -> bytes:
    """Return the first bytes of a box's content."""
    source.seek(box.start)
    return source.read(min(box.end - box.start, at_most))
