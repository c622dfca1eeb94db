"""CSV and TSV: dialect, columns with their types, rows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.text.csv_dialect import candidate_dialects
from chalicelib.processors.text.limits import MAX_COUNTED_BYTES, extrapolate
from chalicelib.processors.text.utf_8_reader import Utf8Reader

UNREADABLE = UNREADABLE_CONTENT
LIMIT = MAX_COUNTED_BYTES

SAMPLE = 32 * 1024
"""Characters from which the dialect is detected."""

MAX_ROW = 1024 * 1024
"""Characters. Anything longer, in one line or, between quotation marks, in many, isn't a row of a table. It takes
up to 50 MB: a cell of one character takes 88 bytes."""

MAX_CELL = 256
"""Characters from which a cell's type is detected."""

MAX_COLUMNS = 100
"""Columns that are named; all are counted."""

TYPED_ROWS = 1000
"""Rows from which the columns' types are detected."""

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
"""The first match counts. Only ISO 8601 dates are recognized: in other formats, day and month are ambiguous."""


class _TooLongError(Exception):
    pass


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `encoding`, `delimiter`, `header` (whether the first row seems to name the columns), `columns` as
    `name` and `type` of the first MAX_COLUMNS, `column_count`, `rows` without the header, and `irregular_rows`,
    those with more or fewer cells.

    A type is `integer`, `number`, `boolean`, `date`, `datetime`, `text`, or `empty`, detected from the first
    TYPED_ROWS rows; later rows may contain others. In a file larger than MAX_COUNTED_BYTES, `rows` and
    `irregular_rows` are estimates (`…_estimated`). If reading had to end early, `problem` says why, and both count
    what precedes it.
    """
    reader = Utf8Reader(source, size, MAX_COUNTED_BYTES)
    text = reader.open(newline="")
    sample = text.read(SAMPLE)
    dialects = candidate_dialects(sample, whole=len(sample) < SAMPLE)
    delimiter = dialects[0].delimiter if dialects else ","
    rows = _Rows(sample, text, delimiter, truncated=size > MAX_COUNTED_BYTES)
    columns = _Columns()
    widths: Counter[int] = Counter()

    def add_row(row: list[str]) -> None:
        widths[len(row)] += 1
        if rows.count <= TYPED_ROWS:
            columns.add_row(row)

    rows.for_each(add_row)
    width = dialects[0].width if dialects else columns.max_width
    has_header = columns.have_header()
    counts = {"rows": rows.count - has_header, "irregular_rows": rows.count - widths[width]}
    facts: dict[str, Any] = {
        **reader.encoding.facts(),
        "delimiter": delimiter,
        "header": has_header,
        "columns": columns.facts(width),
        "column_count": width,
        "problem": rows.problem,
    }
    for name, count in counts.items():
        if rows.problem is None:
            facts[name], facts[f"{name}_estimated"] = extrapolate(count, size, MAX_COUNTED_BYTES)
        else:
            facts[name], facts[f"{name}_estimated"] = count, False
    return ProcessorResult(facts)


class _Rows:
    """The rows that aren't blank, up to the first unreadable one, and their number.

    `sample` is the beginning and `text` what follows. `truncated` says that the file is longer than these, so that
    the last row may be incomplete.
    """

    def __init__(self, sample: str, text: io.TextIOWrapper, delimiter: str, *, truncated: bool) -> None:
        self._sample, self._text, self._truncated = io.StringIO(sample, newline=""), text, truncated
        self._rows = csv.reader(self._lines(), delimiter=delimiter)
        self._length = 0
        self._ended = False
        self.count = 0
        self.problem: str | None = None

    def for_each(self, add_row: Callable[[list[str]], None]) -> None:
        """Call `add_row` with each row. Only one row is in memory at a time."""
        try:
            for row in self._rows:
                self._length = 0
                if row and not (self._truncated and self._ended):
                    self.count += 1
                    add_row(row)
                del row
        except _TooLongError:
            self.problem = f"row {self.count + 1} is too long for a table"
        except csv.Error as error:
            self.problem = f"row {self.count + 1}: {error}"

    def _lines(self) -> Iterator[str]:
        while line := self._readline(MAX_ROW - self._length + 1):
            self._length += len(line)
            if self._length > MAX_ROW:
                raise _TooLongError
            if self._truncated and line[-1] not in "\r\n":
                break
            yield line
        self._ended = True

    def _readline(self, limit: int) -> str:
        line = self._sample.readline(limit)
        if not line.endswith(("\n", "\r")):
            line += self._text.readline(limit - len(line))
        return line


class _Columns:
    """Names and types of the columns, from the first rows. Of the first row the texts are kept, of the others only
    their types."""

    def __init__(self) -> None:
        self._first_row: list[str] = []
        self._types: list[set[str]] = []
        self.max_width = 0

    def add_row(self, row: list[str]) -> None:
        self.max_width = max(self.max_width, len(row))
        cells = [cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
        if not self._first_row:
            self._first_row = cells
            return
        self._types += [set() for _ in cells[len(self._types) :]]
        for types, cell in zip(self._types, cells, strict=False):
            types.add(_type_of(cell))

    def have_header(self) -> bool:
        names, has_more_rows = self._first_row, bool(self._types)
        return has_more_rows and len(set(names)) == len(names) and all(_type_of(name) == "text" for name in names)

    def facts(self, width: int) -> list[dict[str, Any]]:
        """Return `name`, None without a header, and `type` of the first `width` columns."""
        has_header = self.have_header()
        names, column_types = dict(enumerate(self._first_row)), dict(enumerate(self._types))
        facts: list[dict[str, Any]] = []
        for number in range(min(width, MAX_COLUMNS)):
            name, types = names.get(number), column_types.get(number, set())
            if has_header or name is None:
                facts.append({"name": name and name[:MAX_NAME], "type": _merge_types(types)})
            else:
                facts.append({"name": None, "type": _merge_types(types | {_type_of(name)})})
        return facts


def _type_of(cell: str) -> str:
    if not cell:
        return "empty"
    return next((name for name, pattern in _TYPES.items() if pattern.fullmatch(cell)), "text")


def _merge_types(types: set[str]) -> str:
    types = types - {"empty"}
    if not types:
        return "empty"
    if len(types) == 1:
        return types.pop()
    return "number" if types == {"integer", "number"} else "text"
