"""Read mail in blocks of whole lines."""

import io
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.core.streams.limited_reader import LimitedReader
from chalicelib.processors.text.encoding import encoding_of_bom
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode

BLOCK = 64 * 1024


def iter_blocks(source: BinaryIO, limit: int) -> Iterator[bytes]:
    """Yield the first `limit` bytes in blocks of whole lines; of a line longer than a block, in pieces.

    Editors save mail as any other text. So a byte order mark is left out, UTF-16 and UTF-32 become UTF-8, and
    carriage returns without line feeds become line feeds.
    """
    beginning = io.BufferedReader(LimitedReader(source, limit), BLOCK)
    head = beginning.peek(BLOCK)
    # The first character of a header is ASCII.
    unicode = encoding_of_bom(head) or (detect_unmarked_unicode(head) if b"\0" in head[:4] else None)
    if unicode == "utf-8-sig":
        beginning.read(3)
    elif unicode is not None:
        yield from _translate(beginning, unicode, "utf-8")
        return
    elif b"\r" in head and b"\n" not in head:
        yield from _translate(beginning, "latin-1", "latin-1")
        return
    while block := beginning.read(BLOCK):
        yield block + beginning.readline(BLOCK)


def _translate(source: "io.BufferedReader[LimitedReader]", encoding: str, into: str) -> Iterator[bytes]:
    lines = io.TextIOWrapper(source, encoding, "replace")
    while block := lines.read(BLOCK):
        yield (block + lines.readline(BLOCK)).encode(into)
