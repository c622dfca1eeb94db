"""Read the elements of EBML files: Matroska and WebM. RFC 8794, 4 to 6"""

from collections.abc import Iterator
from typing import BinaryIO

from msgspec import Struct

MAX_ELEMENTS = 256
"""Elements on one level that are looked at."""

_MAX_ID, _MAX_SIZE = 4, 8
"""Bytes of an element's id and of its size."""


class Element(Struct, frozen=True):
    """An element's id, with its marker bits, and where its content begins and ends in the file."""

    id: int
    start: int
    end: int
    is_whole: bool = True
    """Whether it ends before what it is in, such as a truncated file, does."""


def iter_elements(source: BinaryIO, start: int, end: int) -> Iterator[Element]:
    """Yield the elements between two offsets, up to the first one that can't be right.

    One of unknown size, as in a live recording, ends where what it is in ends.
    """
    for _ in range(MAX_ELEMENTS):
        if end - start < 2:
            return
        source.seek(start)
        header = source.read(_MAX_ID + _MAX_SIZE)
        id_length = _length_of(header[:1], _MAX_ID)
        size_length = _length_of(header[id_length : id_length + 1], _MAX_SIZE)
        content = id_length + size_length
        if not id_length or not size_length or len(header) < content or content > end - start:
            return
        marker = 1 << 7 * size_length
        size = int.from_bytes(header[id_length:content]) - marker
        is_unknown = size == marker - 1
        element_end = end if is_unknown else start + content + size
        yield Element(
            int.from_bytes(header[:id_length]), start + content, min(element_end, end), element_end <= end
        )
        start = element_end


def read_unsigned(source: BinaryIO, element: Element) -> int:
    """Return an element's content as a number, of up to eight bytes."""
    source.seek(element.start)
    return int.from_bytes(source.read(min(element.end - element.start, 8)))


def _length_of(first: bytes, at_most: int) -> int:
    """Return how many bytes a number has: its first set bit says so. 0 if that is too many."""
    length = 9 - first[0].bit_length() if first else 0
    return length if length <= at_most else 0
