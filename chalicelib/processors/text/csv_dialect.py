"""Detect the delimiter of a table in text.

The standard library's `csv.Sniffer` takes time that grows with the square of the sample where quotes don't close,
and finds tables in prose. docs/decisions/0013 says more.
"""

import csv
import io
import re
from collections import Counter

from msgspec import Struct

from chalicelib.processors.text.csv_preamble import find_preamble

DELIMITERS = ",\t;|"

MAX_TITLE_ROWS = 10

_DECIMAL_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")

MAX_HEADER_CELL = 64
"""Characters of a column's name, if a table is to be recognized by it."""


class Dialect(Struct, frozen=True):
    """A sample read with one delimiter."""

    delimiter: str
    width: int
    """Cells in most rows."""
    regularity: float
    """The share of rows that have so many."""
    rows: list[list[str]]

    @property
    def title_rows(self) -> int:
        """Return how many rows precede the table: a title and the like, with no more than one cell filled."""
        filled = [sum(1 for cell in row if cell.strip()) for row in self.rows[: MAX_TITLE_ROWS + 1]]
        first = next((number for number, count in enumerate(filled) if count > 1), 0)
        return first if first and len(self.rows[first]) == self.width and len(self.rows) > first + 1 else 0


def candidate_dialects(sample: str, *, whole: bool) -> list[Dialect]:
    """Return the dialects that yield more than one column, the most regular first and of those the widest. The
    last row is ignored unless the sample is the whole file.

    The sample begins with the table. Commas that are all decimal ones separate nothing if something else does.
    """
    dialects = [dialect for delimiter in DELIMITERS if (dialect := read_dialect(sample, delimiter, whole=whole))]
    dialects.sort(key=lambda dialect: (dialect.regularity, dialect.width), reverse=True)
    if len(dialects) > 1 and dialects[0].delimiter == "," and dialects[1].regularity == dialects[0].regularity:
        commas = sample.count(",")
        if commas == len(_DECIMAL_COMMA.findall(sample)):
            return [*dialects[1:], dialects[0]]
    return dialects


def detect_table(sample: str, *, whole: bool) -> str | None:
    """Return the delimiter if untyped text is CSV, else None.

    All rows have the same number of cells, the first could be a header, and it isn't prose that happens to have as
    many commas in each line. Comments may precede it. A `sep=` line says so by itself.
    """
    preamble = find_preamble(sample)
    if preamble.delimiter is not None:
        return preamble.delimiter
    table = sample[preamble.length :]
    return next(
        (dialect.delimiter for dialect in candidate_dialects(table, whole=whole) if _is_regular_table(dialect)),
        None,
    )


def _is_regular_table(dialect: Dialect) -> bool:
    return dialect.regularity == 1 and len(dialect.rows) > 1 and _looks_like_table(dialect)


def read_dialect(sample: str, delimiter: str, *, whole: bool) -> Dialect | None:
    """Return the sample read with this delimiter, or None if that yields one column. `whole` as in
    `candidate_dialects`."""
    if delimiter not in sample:
        return None
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    filled = [row for row in (rows if whole else rows[:-1]) if row]
    if not filled:
        return None
    width, count = Counter(map(len, filled)).most_common(1)[0]
    return Dialect(delimiter, width, count / len(filled), filled) if width > 1 else None


def _looks_like_table(dialect: Dialect) -> bool:
    header = dialect.rows[0]
    if not all(cell.strip() and len(cell) <= MAX_HEADER_CELL for cell in header):
        return False
    if dialect.delimiter == "\t":
        return True
    if any(set(cell.strip()) <= set("-:") and cell for cell in dialect.rows[1]):  # a table in Markdown
        return False
    spaced = sum(cell.startswith(" ") for row in dialect.rows for cell in row[1:])
    is_prose = 2 * spaced > sum(len(row) - 1 for row in dialect.rows)
    starts_with_digit = header[0].strip()[0].isdigit()  # the times in a log have commas
    return not is_prose and (dialect.width > 2 or not starts_with_digit)
