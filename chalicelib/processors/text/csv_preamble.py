"""What precedes a table in a CSV file: Excel's `sep=` line, comments, and blank lines."""

import re

from msgspec import Struct

MAX_LINES = 100
"""Lines of comments, at most."""

_SEP = re.compile(r'\s*"?sep=(?P<delimiter>[^"\r\n])"?[ \t;,]*', re.IGNORECASE)

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

_COMMENT = "#"


class Preamble(Struct, frozen=True):
    """The beginning of a text that isn't the table."""

    delimiter: str | None = None
    """The one that a `sep=` line names, which Excel reads."""
    lines: int = 0
    """Comments and the `sep=` line."""
    length: int = 0
    """Characters of these, with blank lines between them."""
    last_comment: str | None = None
    """Without its sign: in some files it names the columns."""


def find_preamble(sample: str) -> Preamble:
    """Return what precedes the table in a text's beginning."""
    position = lines = 0
    delimiter = last_comment = None
    while lines < MAX_LINES and position < len(sample):
        match = _LINE.match(sample, position)
        assert match is not None  # it matches anything
        line = match.group().strip()
        if lines == 0 and (sep := _SEP.fullmatch(match.group().rstrip("\r\n"))):
            delimiter = sep["delimiter"]
        elif line.startswith(_COMMENT):
            last_comment = line.lstrip(_COMMENT).strip()
        elif line:
            break
        lines += bool(line)
        position = match.end()
    if lines == 0 or (delimiter is None and position == len(sample)):  # nothing but comments precedes nothing
        return Preamble()
    return Preamble(delimiter, lines, position, last_comment)
