"""Text, Markdown and markup: encoding, lines, words and how it begins."""

from typing import BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.text.decoding import COUNTED, encoding_of, open_head, preview, scaled

UNREADABLE = UNREADABLE_CONTENT
LIMIT = COUNTED

_CHARACTERS_AT_A_TIME = 64 * 1024


def describe(source: BinaryIO, size: int) -> Described:
    """Return `encoding` (Python's name for it), `lines`, `words`, whether these are estimates
    (`lines_estimated`, `words_estimated`), and a `preview`.

    A last line counts without a line's end too; `\\n`, `\\r\\n` and `\\r` end one. Words are what white space
    separates.
    """
    encoding = encoding_of(source, size)
    text = open_head(source, encoding, COUNTED)  # turns every line's end into \n
    lines, words, last, begin = 0, 0, "\n", ""
    while chunk := text.read(_CHARACTERS_AT_A_TIME):
        begin = begin or preview(chunk)
        lines += chunk.count("\n")
        words += len(chunk.split()) - (not last.isspace() and not chunk[0].isspace())
        last = chunk[-1]
    lines, estimated = scaled(lines + (last != "\n"), size, COUNTED)
    words, _ = scaled(words, size, COUNTED)
    return Described(
        {
            "encoding": encoding,
            "lines": lines,
            "lines_estimated": estimated,
            "words": words,
            "words_estimated": estimated,
            "preview": begin,
        }
    )
