"""Detect the delimiter of a table in text.

The standard library's `csv.Sniffer` takes time that grows with the square of the sample where quotes don't close,
and finds tables in prose. docs/decisions/0013 says more.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass

DELIMITERS = ",\t;|"

MAX_HEADER_CELL = 64
"""Characters of a column's name, if a table is to be recognized by it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """A sample read with one delimiter."""

    delimiter: str
    width: int
    """Cells in most rows."""
    regularity: float
    """The share of rows that have so many."""
    rows: list[list[str]]


def candidate_dialects(sample: str, *, whole: bool) -> list[Dialect]:
    """Return the dialects that yield more than one column, the most regular first and of those the widest. The
    last row is ignored unless the sample is the whole file."""
    dialects = [dialect for delimiter in DELIMITERS if (dialect := _try_delimiter(sample, delimiter, whole))]
    return sorted(dialects, key=lambda dialect: (dialect.regularity, dialect.width), reverse=True)


def is_table(sample: str, *, whole: bool) -> bool:
    """Detect CSV in untyped text: all rows have the same number of cells, the first could be a header, and it
    isn't prose that happens to have as many commas in each line."""
    return any(
        dialect.regularity == 1 and len(dialect.rows) > 1 and _looks_like_table(dialect)
        for dialect in candidate_dialects(sample, whole=whole)
    )


def _try_delimiter(sample: str, delimiter: str, whole: bool) -> Dialect | None:
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    filled = [row for row in (rows if whole else rows[:-1]) if row]
    if not filled:
        return None
    width, count = Counter(len(row) for row in filled).most_common(1)[0]
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
