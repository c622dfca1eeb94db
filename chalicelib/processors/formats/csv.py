"""CSV and TSV: dialect, columns with their types, rows."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.text.csv_columns import Header, detect_header, merge_types, type_of
from chalicelib.processors.text.csv_dialect import Dialect, candidate_dialects, read_dialect
from chalicelib.processors.text.csv_preamble import find_preamble
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


class _TooLongError(Exception):
    pass


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return the encoding's facts, `delimiter`, `header` (whether the first row seems to name the columns),
    `header_guessed`, `columns` as `name` and `type` of the first MAX_COLUMNS, `column_count`, `rows` without the
    header, `irregular_rows`, those with more or fewer cells, and `skipped_rows`: comments, a `sep=` line and a
    title that precede the table.

    A type is `integer`, `number`, `boolean`, `date`, `datetime`, `text`, or `empty`, detected from the first
    TYPED_ROWS rows; later rows may contain others. In a file larger than MAX_COUNTED_BYTES, `rows` and
    `irregular_rows` are estimates (`…_estimated`). If reading had to end early, `problem` says why, and both count
    what precedes it.
    """
    reader = Utf8Reader(source, size, MAX_COUNTED_BYTES)
    text = reader.open(newline="")
    sample = text.read(SAMPLE)
    preamble = find_preamble(sample)
    table = sample[preamble.length :]
    dialect = _find_dialect(table, preamble.delimiter, whole=len(sample) < SAMPLE)
    rows = _Rows(table, text, dialect.delimiter, truncated=size > MAX_COUNTED_BYTES)
    columns = _Columns(_names_in_comment(preamble.last_comment, dialect))
    widths: Counter[int] = Counter()
    title_rows = dialect.title_rows

    def add_row(row: list[str]) -> None:
        if rows.count > title_rows:
            widths[len(row)] += 1
            if rows.count <= TYPED_ROWS:
                columns.add_row(row)

    rows.for_each(add_row)
    width = dialect.width or columns.max_width
    header = columns.header
    counted = widths.total()
    counts = {
        "rows": counted - (header.exists and not columns.named_by_comment),
        "irregular_rows": counted - widths[width],
    }
    facts: dict[str, Any] = {
        **reader.encoding.facts(),
        "delimiter": dialect.delimiter,
        "header": header.exists,
        "header_guessed": header.guessed,
        "columns": columns.facts(width),
        "column_count": width,
        "skipped_rows": preamble.lines + title_rows or None,
        "problem": rows.problem,
    }
    for name, count in counts.items():
        if rows.problem is None:
            facts[name], facts[f"{name}_estimated"] = extrapolate(count, size, MAX_COUNTED_BYTES)
        else:
            facts[name], facts[f"{name}_estimated"] = count, False
    return ProcessorResult(facts)


def _find_dialect(table: str, delimiter: str | None, *, whole: bool) -> Dialect:
    """Return the best dialect, or the one with the given delimiter. Its width is 0 if there is just one column."""
    if delimiter is not None:
        return read_dialect(table, delimiter, whole=whole) or Dialect(delimiter, 0, 1, [])
    return next(iter(candidate_dialects(table, whole=whole)), Dialect(",", 0, 1, []))


def _names_in_comment(comment: str | None, dialect: Dialect) -> list[str] | None:
    """Return the names of the columns if the comment above the table has as many, and the table begins with values
    that can't be names."""
    if comment is None or not dialect.rows:
        return None
    names = next(csv.reader([comment], delimiter=dialect.delimiter), [])
    begins_with_names = all(type_of(cell.strip()) in {"text", "empty"} for cell in dialect.rows[0])
    return names if len(names) == dialect.width and not begins_with_names else None


class _Rows:
    """The rows that aren't blank, up to the first unreadable one, and their number.

    `sample` is the beginning and `text` what follows. `truncated` says that the file is longer than these, so that
    the last row may be incomplete.
    """

    def __init__(self, sample: str, text: io.TextIOWrapper, delimiter: str, *, truncated: bool) -> None:
        self._sample, self._text, self._truncated = io.StringIO(sample, newline=""), text, truncated
        self._readline: Callable[[int], str] = self._read_sample
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

    def _read_sample(self, limit: int) -> str:
        """Return the sample's next line. The text continues its last one, and has all lines after that."""
        line = self._sample.readline(limit)
        if line.endswith(("\n", "\r")):
            return line
        self._readline = self._text.readline
        return line + self._text.readline(limit - len(line))


class _Columns:
    """Names and types of the columns, from the first rows. Of the first row the texts are kept, of the others only
    their types."""

    def __init__(self, names: list[str] | None) -> None:
        """`names` are those that a comment gives."""
        self.named_by_comment = names is not None
        self._first_row: list[str] = []
        self._types: list[set[str]] = []
        self.max_width = 0
        if names is not None:
            self.add_row(names)

    def add_row(self, row: list[str]) -> None:
        self.max_width = max(self.max_width, len(row))
        cells = [cell.strip()[:MAX_CELL] for cell in row[:MAX_COLUMNS]]
        if not self._first_row:
            self._first_row = cells
            return
        self._types += [set() for _ in cells[len(self._types) :]]
        for types, cell in zip(self._types, cells, strict=False):
            types.add(type_of(cell))

    @property
    def header(self) -> Header:
        """Return whether the first row is a header."""
        if self.named_by_comment:
            return Header(exists=True, guessed=True)
        return detect_header(self._first_row, self._types)

    def facts(self, width: int) -> list[dict[str, Any]]:
        """Return `name`, None without a header, and `type` of the first `width` columns."""
        has_header = self.header.exists
        names, column_types = dict(enumerate(self._first_row)), dict(enumerate(self._types))
        facts: list[dict[str, Any]] = []
        for number in range(min(width, MAX_COLUMNS)):
            name, types = names.get(number), column_types.get(number, set())
            if has_header or name is None:
                facts.append({"name": name and name[:MAX_NAME], "type": merge_types(types)})
            else:
                facts.append({"name": None, "type": merge_types(types | {type_of(name)})})
        return facts
