"""How a table in text separates its cells.

The standard library's `csv.Sniffer` takes time that grows with the square of the sample where quotes don't close,
and finds tables in prose. docs/decisions/0013 says more.
"""

import csv
import io
from collections import Counter
from dataclasses import dataclass

DELIMITERS = ",\t;|"
MAX_CELL = 64
"""Characters of a column's name, if a table is to be recognised by it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A sample read with one delimiter."""

    delimiter: str
    width: int
    """Cells in most rows."""
    regular: float
    """The share of rows that have so many."""
    rows: list[list[str]]


def shapes(sample: str, *, whole: bool) -> list[Shape]:
    """Return the shapes that have columns at all, the most regular first and of those the widest. The last row is
    left out unless the sample is the whole file."""
    found = [shape for delimiter in DELIMITERS if (shape := _shape(sample, delimiter, whole))]
    return sorted(found, key=lambda shape: (shape.regular, shape.width), reverse=True)


def is_table(sample: str, *, whole: bool) -> bool:
    """Tell whether a text is a table without anybody having said so: its rows are as long as each other, its first
    could be a header, and it isn't prose that happens to have as many commas in each line."""
    return any(
        shape.regular == 1 and len(shape.rows) > 1 and _like_a_table(shape)
        for shape in shapes(sample, whole=whole)
    )


def _shape(sample: str, delimiter: str, whole: bool) -> Shape | None:
    try:
        rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    filled = [row for row in (rows if whole else rows[:-1]) if row]
    if not filled:
        return None
    width, count = Counter(len(row) for row in filled).most_common(1)[0]
    return Shape(delimiter, width, count / len(filled), filled) if width > 1 else None


def _like_a_table(shape: Shape) -> bool:
    header = shape.rows[0]
    if not all(cell.strip() and len(cell) <= MAX_CELL for cell in header):
        return False
    if shape.delimiter == "\t":
        return True
    if any(set(cell.strip()) <= set("-:") and cell for cell in shape.rows[1]):  # a table in Markdown
        return False
    spaced = sum(cell.startswith(" ") for row in shape.rows for cell in row[1:])
    prose = 2 * spaced > sum(len(row) - 1 for row in shape.rows)
    numbered = header[0].strip()[0].isdigit()  # the times in a log have commas
    return not prose and (shape.width > 2 or not numbered)
