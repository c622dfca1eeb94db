"""What `filectl` prints: results on standard output, problems on standard error.

Results are tables for people on a terminal, lines with tabs between the values otherwise, or JSON. Problems are
sentences, or JSON.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, TextIO

from filectl.errors import OutputClosedError, Problem
from filectl.exit_statuses import ExitStatus
from filectl.text import printable
from filectl.token_masking import mask_tokens

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, slots=True)
class Column:
    """A column of rows that are printed one by one."""

    title: str
    width: int = 0
    """On a terminal; 0 for the last column, which isn't filled up."""
    is_number: bool = False


class Output:
    """Prints what one command finds, and collects its exit status. Used by one thread."""

    def __init__(self) -> None:
        self.as_json = False
        self.exit_status = ExitStatus.OK
        self._has_header = False
        self._tokens: set[str] = set()
        self._console: Console | None = None

    @property
    def is_table(self) -> bool:
        """Whether results are for people on a terminal."""
        return sys.stdout.isatty() and not self.as_json

    def hide(self, token: str | None) -> None:
        """Leave a token out of all messages from now on."""
        if token:
            self._tokens.add(token)

    def mask(self, text: str) -> str:
        """Return the text without tokens."""
        return mask_tokens(text, self._tokens)

    def write(self, text: str) -> None:
        """Print a line of a result. Raises OutputClosedError if its reader has closed it."""
        self._print(sys.stdout, text)

    def write_json(self, value: Any) -> None:
        """Print a value as one line of JSON: a Struct of the client, or what json.dumps() takes."""
        import msgspec

        self.write(msgspec.json.encode(value).decode())

    def write_fields(self, fields: Mapping[str, str]) -> None:
        """Print each value after its name, which is bold on a terminal."""
        if not self.is_table:
            for name, value in fields.items():
                self.write(f"{name}\t{value}")
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True, style="bold")
        table.add_column(overflow="fold")
        for name, value in fields.items():
            table.add_row(name, Text(value))
        Console().print(table)

    def write_row(self, columns: Sequence[Column], values: Sequence[str]) -> None:
        """Print one row; before the first one on a terminal, the columns' titles."""
        if not self.is_table:
            return self.write("\t".join(values))
        if not self._has_header:
            self._has_header = True
            self.write(_align(columns, [column.title for column in columns]))
        return self.write(_cut(_align(columns, values)))

    def warn(self, message: str) -> None:
        """Print something that the user should know, although the command goes on."""
        message = self.mask(message)
        self._print(
            sys.stderr, json.dumps({"warning": message}) if self.as_json else f"filectl: {printable(message)}"
        )

    def begin_line(self) -> None:
        """Leave the line in which the terminal shows `^C`."""
        if sys.stderr.isatty():
            self._print(sys.stderr, "")

    def report(self, problem: Problem, subject: str | None = None) -> None:
        """Print a problem, of `subject` if there are several files, and remember its exit status."""
        self.exit_status = max(self.exit_status, problem.status)
        if self.as_json:
            about = {"file": subject} if subject else {}
            return self._print(sys.stderr, self.mask(json.dumps(problem.to_json() | about)))
        message = f"{subject}: {problem.message}" if subject else problem.message
        request = f" (request {problem.request_id})" if problem.request_id else ""
        return self._print(sys.stderr, self.mask(f"filectl: {printable(message)}{request}"))

    @contextmanager
    def above(self, console: "Console") -> Iterator[None]:
        """Print above the progress bar of that console, which is on the terminal."""
        self._console = console
        try:
            yield
        finally:
            self._console = None

    @contextmanager
    def raise_if_closed(self, stream: TextIO) -> Iterator[None]:
        """Raise OutputClosedError if the stream's reader has closed it."""
        try:
            yield
        except BrokenPipeError:
            # Python flushes the stream once more at its end, and would complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            raise OutputClosedError from None

    def _print(self, stream: TextIO, text: str) -> None:
        if self._console and stream.isatty():
            self._console.out(text, highlight=False)
            return
        with self.raise_if_closed(stream):
            stream.write(f"{text}\n")
            stream.flush()


def _align(columns: Sequence[Column], values: Sequence[str]) -> str:
    cells = [
        value.rjust(column.width) if column.is_number else value.ljust(column.width)
        for column, value in zip(columns, values, strict=True)
    ]
    return "  ".join(cells).rstrip()


def _cut(line: str) -> str:
    """Return a line that fits into the terminal."""
    from rich.cells import cell_len, set_cell_size

    width = get_terminal_size().columns
    return line if cell_len(line) <= width else f"{set_cell_size(line, width - 1)}…"
