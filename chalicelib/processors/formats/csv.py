"""CSV and TSV: dialect, columns with their types, rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.text.csv_dialect import shapes
from chalicelib.processors.text.decoding import COUNTED, encoding_of, open_head, scaled

UNREADABLE = UNREADABLE_CONTENT
LIMIT = COUNTED

SAMPLE = 32 * 1024
"""Characters from which the dialect is told."""

MAX_ROW = 1024 * 1024
"""Characters. What is longer, in one line or, between quotation marks, in many, is no row of a table. It takes up
to 50 MB: a cell of one character takes 88 bytes."""

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
    `name` and `type` of the first MAX_COLUMNS, `column_count`, `rows` without the header, and `irregular_rows`,
    those with more or fewer cells.

    A type is `integer`, `number`, `boolean`, `date`, `datetime`, `text`, or `empty`, told from the first
    TYPED_ROWS rows; later ones may hold others. In a file larger than COUNTED, `rows` and `irregular_rows` are
    estimates (`…_estimated`). Where reading had to end early, `problem` says why, and they are those before it.
    """
    encoding = encoding_of(source, size)
    sample = open_head(source, encoding, COUNTED, newline="").read(SAMPLE)
    found = shapes(sample, whole=len(sample) < SAMPLE)
    delimiter = found[0].delimiter if found else ","
    source.seek(0)
    rows = _Rows(open_head(source, encoding, COUNTED, newline=""), delimiter, cut=size > COUNTED)
    columns = _Columns()
    widths: Counter[int] = Counter()

    def see(row: list[str]) -> None:
        widths[len(row)] += 1
        if rows.count <= TYPED_ROWS:
            columns.see(row)

    rows.each(see)
    width = found[0].width if found else columns.widest
    header = columns.have_header()
    counts = {"rows": rows.count - header, "irregular_rows": rows.count - widths[width]}
    facts: dict[str, Any] = {
        "encoding": encoding,
        "delimiter": delimiter,
        "header": header,
        "columns": columns.facts(width),
        "column_count": width,
        "problem": rows.problem,
    }
    for name, count in counts.items():
        told = scaled(count, size, COUNTED) if rows.problem is None else (count, False)
        facts[name], facts[f"{name}_estimated"] = told
    return Described(facts)


class _Rows:
    """The rows that aren't blank, up to the first that can't be read; counts them. `cut` says that more follows
    behind the text, so that its last row may not be whole."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str, *, cut: bool) -> None:
        self._text, self._cut = text, cut
        self._rows = csv.reader(self._lines(), delimiter=delimiter)
        self._length = 0
        self._ended = False
        self.count = 0
        self.problem: str | None = None

    def each(self, see: Callable[[list[str]], None]) -> None:
        """Call `see` with one row after the other. No two of them are held at once."""
        try:
            for row in self._rows:
                self._length = 0
                if row and not (self._cut and self._ended):
                    self.count += 1
                    see(row)
                del row
        except _TooLongError:
            self.problem = f"row {self.count + 1} is too long for a table"
        except csv.Error as fault:
            self.problem = f"row {self.count + 1}: {fault}"

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_ROW - self._length + 1):
            self._length += len(line)
            if self._length > MAX_ROW:
                raise _TooLongError
            if self._cut and line[-1] not in "\r\n":
                break
            yield line
        self._ended = True


class _Columns:
    """What the first rows tell of the columns. Of the first the texts are kept, of the others only their types."""

    def __init__(self) -> None:
        self._first: list[str] = []
        self._types: list[set[str]] = []
        self.widest = 0

    def see(self, row: list[str]) -> None:
        self.widest = max(self.widest, len(row))
        cells = [cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
        if not self._first:
            self._first = cells
            return
        self._types += [set() for _ in cells[len(self._types) :]]
        for types, cell in zip(self._types, cells, strict=False):
            types.add(_type(cell))

    def have_header(self) -> bool:
        names, more = self._first, bool(self._types)
        return more and len(set(names)) == len(names) and all(_type(name) == "text" for name in names)

    def facts(self, width: int) -> list[dict[str, Any]]:
        """Return `name`, None without a header, and `type` of the columns, of which there are so many."""
        header = self.have_header()
        names, types = dict(enumerate(self._first)), dict(enumerate(self._types))
        facts: list[dict[str, Any]] = []
        for number in range(min(width, MAX_COLUMNS)):
            name, found = names.get(number), types.get(number, set())
            if header or name is None:
                facts.append({"name": name and name[:MAX_NAME], "type": _common(found)})
            else:
                facts.append({"name": None, "type": _common(found | {_type(name)})})
        return facts


def _type(cell: str) -> str:
    if not cell:
        return "empty"
    return next((name for name, pattern in _TYPES.items() if pattern.fullmatch(cell)), "text")


def _common(types: set[str]) -> str:
    types = types - {"empty"}
    if not types:
        return "empty"
    if len(types) == 1:
        return types.pop()
    return "number" if types == {"integer", "number"} else "text"
