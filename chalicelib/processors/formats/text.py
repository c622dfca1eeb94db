"""Text, Markdown and markup: encoding, lines, words and a preview."""

from typing import BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.text.decoding import make_preview
from chalicelib.processors.text.limits import MAX_COUNTED_BYTES, extrapolate
from chalicelib.processors.text.utf_8_reader import Utf8Reader

UNREADABLE = UNREADABLE_CONTENT
LIMIT = MAX_COUNTED_BYTES

_CHUNK = 64 * 1024
"""Characters."""


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `encoding` (Python's name for it; None if no known encoding makes a text of the bytes),
    `encoding_guessed` (it follows from statistics), `encoding_damaged` (UTF-8 with invalid bytes, or cut within a
    character), `lines`, `words`, whether these are estimates (`lines_estimated`, `words_estimated`), and a
    `preview`.

    A last line counts without a line's end, too; `\\n`, `\\r\\n` and `\\r` end one. Words are what white space
    separates.
    """
    reader = Utf8Reader(source, size, MAX_COUNTED_BYTES)
    text = reader.open()  # turns every line's end into \n
    lines, words, last, beginning = 0, 0, "\n", ""
    while chunk := text.read(_CHUNK):
        beginning = beginning or make_preview(chunk)
        lines += chunk.count("\n")
        words += len(chunk.split()) - (not last.isspace() and not chunk[0].isspace())
        last = chunk[-1]
    lines, estimated = extrapolate(lines + (last != "\n"), size, MAX_COUNTED_BYTES)
    words, _ = extrapolate(words, size, MAX_COUNTED_BYTES)
    return ProcessorResult(
        {
            **reader.encoding.facts(),
            "lines": lines,
            "lines_estimated": estimated,
            "words": words,
            "words_estimated": estimated,
            "preview": beginning,
        }
    )
