"""Text, Markdown and markup: encoding, lines, words and a preview."""

from typing import BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.text.decoding import detect_file_encoding, make_preview, open_text
from chalicelib.processors.text.limits import MAX_COUNTED_BYTES, extrapolate

UNREADABLE = UNREADABLE_CONTENT
LIMIT = MAX_COUNTED_BYTES

_CHUNK = 64 * 1024
"""Characters."""


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `encoding` (Python's name for it), `lines`, `words`, whether these are estimates
    (`lines_estimated`, `words_estimated`), and a `preview`.

    A last line counts without a line's end, too; `\\n`, `\\r\\n` and `\\r` end one. Words are what white space
    separates.
    """
    encoding = detect_file_encoding(source, size)
    text = open_text(source, encoding, MAX_COUNTED_BYTES)  # turns every line's end into \n
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
            "encoding": encoding,
            "lines": lines,
            "lines_estimated": estimated,
            "words": words,
            "words_estimated": estimated,
            "preview": beginning,
        }
    )
