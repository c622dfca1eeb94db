"""CSV and TSV: dialect, columns with their types, rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, BinaryIO

from chalicelib.core.described import Described
from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.processors.shared.dialects import shapes
from chalicelib.processors.shared.texts import COUNTED, encoding_of, open_head, scaled

UNREADABLE = UNREADABLE_CONTENT
LIMIT = COUNTED

SAMPLE = 32 * 1024
"""Characters from which the dialect is told."""

MAX_LINE = 1024 * 1024
"""Characters. A longer line is no row of a table."""

MAX_ROW = 4 * MAX_LINE
"""Characters. In quotation marks a row may hold lines without end."""

MAX_CELL = 256
"""Characters from which a cell's type is told."""

MAX_COLUMNS = 100
"""Columns that are named; all are counted."""

TYPED_ROWS = 1000
"""Rows from which the columns' types are told."""

MAX_NAME = 100

_TYPES = {
    "integer": re.compile(r"[+-]?[0-9]{1,18}"),
    "number": re.compile(r"[+-]?([0-9]{1,18}([.,][0-9]{0,18})?|[.][0-9]{1,18})([eE][+-]?[0-9]{1,3})?"),
    "boolean": re.compile(r"true|false|yes|no", re.IGNORECASE),
    "date": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "datetime": re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?Z|[+-][0-9:]{2,5})?"
    ),
}
"""The first that fits. Only ISO 8601 counts as a date: of the others nobody can tell the day from the month."""


class _TooLongError(Exception):
    pass


def describe(source: BinaryIO, size: int) -> Described:
    """Return `encoding`, `delimiter`, `header` (whether the first row seems to name the columns), `columns` as
    `name` and `type` of the first MAX_COLUMNS, `column_count`, `rows` without the header, `rows_estimated`, and
    `irregular_rows`, those with more or fewer cells.

    A type is `integer`, `number`, `boolean`, `date`, `datetime`, `text`, or `empty`, told from the first
    TYPED_ROWS rows. Where reading had to end early, `problem` says why, and `rows` are those before it.
    """
    encoding = encoding_of(source, size)
    text = open_head(source, encoding, COUNTED, newline="")
    sample = text.read(SAMPLE)
    found = shapes(sample, whole=len(sample) < SAMPLE)
    delimiter = found[0].delimiter if found else ","
    rows = _Rows(_lines(sample, text, cut=size > COUNTED), delimiter)
    first: list[list[str]] = []
    widths: Counter[int] = Counter()
    widest = 0
    for row in rows:
        if len(first) <= TYPED_ROWS:  # only what is shown of them: a thousand wide rows are a gigabyte
            first.append([cell[:MAX_CELL] for cell in row[:MAX_COLUMNS]])
            widest = max(widest, len(row))
        widths[len(row)] += 1
    width = found[0].width if found else widest
    irregular = rows.count - widths[width]
    header = _has_header(first)
    count, estimated = rows.count - header, False
    if rows.problem is None:
        count, estimated = scaled(count, size, COUNTED)
    return Described(
        {
            "encoding": encoding,
            "delimiter": delimiter,
            "header": header,
            "columns": _columns(first, header, width),
            "column_count": width,
            "rows": count,
            "rows_estimated": estimated,
            "irregular_rows": irregular,
            "problem": rows.problem,
        }
    )


class _Rows:
    """The rows that aren't blank, up to the first that can't be read; counts them."""

    def __init__(self, lines: Iterator[str], delimiter: str) -> None:
        self._rows = csv.reader(self._counted(lines), delimiter=delimiter)
        self._read = 0
        self.count = 0
        self.problem: str | None = None

    def _counted(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self._read += len(line)
            if self._read > MAX_ROW:
                raise _TooLongError
            yield line

    def __iter__(self) -> Iterator[list[str]]:
        try:
            for row in self._rows:
                self._read = 0
                if row:
                    self.count += 1
                    yield row
        except _TooLongError:
            self.problem = f"row {self.count + 1} is too long for a table"
        except csv.Error as fault:
            self.problem = f"row {self.count + 1}: {fault}"


def _lines(sample: str, text: io.TextIOWrapper, *, cut: bool) -> Iterator[str]:
    """Yield the lines of the sample and of the text behind it; without the last one if that was cut."""
    lines = io.StringIO(sample, newline="").readlines()
    begun = lines.pop() if lines and not lines[-1].endswith("\n") else ""
    yield from lines
    while line := begun + text.readline(MAX_LINE):
        if len(line) >= MAX_LINE and not line.endswith("\n"):
            raise _TooLongError
        if cut and not line.endswith("\n"):
            return
        begun = ""
        yield line


def _has_header(rows: list[list[str]]) -> bool:
    if len(rows) < 2:
        return False
    names = [name.strip() for name in rows[0]]
    return len(set(names)) == len(names) and all(_type(name) == "text" for name in names)


def _columns(rows: list[list[str]], header: bool, width: int) -> list[dict[str, Any]]:
    body = rows[1:] if header else rows[:TYPED_ROWS]
    return [
        {
            "name": rows[0][number].strip()[:MAX_NAME] if header and number < len(rows[0]) else None,
            "type": _common({_type(row[number].strip()) for row in body if number < len(row)}),
        }
        for number in range(min(width, MAX_COLUMNS))
    ]


def _type(cell: str) -> str:
    if not cell:
        return "empty"
    return next((name for name, pattern in _TYPES.items() if pattern.fullmatch(cell)), "text")


def _common(types: set[str]) -> str:
    types.discard("empty")
    if not types:
        return "empty"
    if len(types) == 1:
        return types.pop()
    return "number" if types == {"integer", "number"} else "text"
