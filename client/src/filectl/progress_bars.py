"""Progress bars of uploads and downloads on a terminal, with speed and time left."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from filectl.output import Output
from filectl.text import printable

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from file_loader_client import Progress

NAME_WIDTH = 22
PHASES = {"checksum": "checksum ", "upload": "", "download": ""}


class ProgressDisplay:
    """Shows nothing: standard error isn't a terminal, or the user wants no bars."""

    @contextmanager
    def follow(self, name: str, size: int | None) -> "Iterator[Transfer]":  # noqa: ARG002  # as in _BarDisplay
        """Yield what shows how far that file is, until it is done or has failed."""
        yield Transfer()


class Transfer:
    """Shows nothing of one file."""

    def show(self, progress: "Progress") -> None:
        """Show how far the file is. Any thread may call it."""


class _BarDisplay(ProgressDisplay):
    """A bar for each file that is being transferred; if there are several files, one more for all of them."""

    def __init__(self, bars: "Bars", count: int, size: int) -> None:
        self._bars = bars
        self._count = count
        self._begun = 0
        self._lock = Lock()
        self._all = bars.add_task("", total=size or None, visible=count > 1)

    @contextmanager
    def follow(self, name: str, size: int | None) -> "Iterator[Transfer]":
        with self._lock:
            self._begun += 1
            self._bars.update(self._all, description=f"file {self._begun} of {self._count}")
        task = self._bars.add_task(_short(name), total=size)
        bar = _BarTransfer(self._bars, task, self._all, name)
        try:
            yield bar
        finally:
            bar.count_rest(size)
            self._bars.remove_task(task)


class _BarTransfer(Transfer):
    """The bar of one file. What an earlier attempt has transferred doesn't count as speed."""

    def __init__(self, bars: "Bars", task: "TaskID", all_files: "TaskID", name: str) -> None:
        self._bars = bars
        self._task = task
        self._all = all_files
        self._name = name
        self._phase: str | None = None
        self._counted = 0
        """Bytes that the bar of all files has of this one."""

    def show(self, progress: "Progress") -> None:
        if progress.phase != self._phase:
            self._phase = progress.phase
            name = _short(PHASES[progress.phase] + self._name)
            self._bars.reset(self._task, total=progress.total, completed=progress.resumed, description=name)
        self._bars.update(self._task, completed=progress.done)
        if progress.phase != "checksum":
            self._count(progress.done)

    def count_rest(self, size: int | None) -> None:
        """Count the whole file, also one that wasn't sent because it was already there, or that has failed."""
        self._count(size or 0)

    def _count(self, done: int) -> None:
        self._bars.advance(self._all, done - self._counted)
        self._counted = done


@contextmanager
def show_progress(output: Output, sizes: list[int | None], *, is_wanted: bool) -> Iterator[ProgressDisplay]:
    """Show the progress of files of these sizes, if it is wanted and standard error is a terminal that can."""
    if not _is_shown(is_wanted):
        yield ProgressDisplay()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    bars = Bars(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        TaskProgressColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        expand=True,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    with bars, output.above(bars.console):
        yield _BarDisplay(bars, len(sizes), sum(size or 0 for size in sizes))


def _short(name: str) -> str:
    """Return the beginning and the end of a name, so that the bars have room."""
    name = printable(name)
    if len(name) <= NAME_WIDTH:
        return name
    return f"{name[: NAME_WIDTH - 9]}…{name[-8:]}"


@contextmanager
def show_text(output: Output, text: str, *, is_wanted: bool) -> Iterator[None]:
    """Show what the command waits for, under the same conditions as progress."""
    if not _is_shown(is_wanted):
        yield
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    with console.status(Text(printable(text), no_wrap=True, overflow="ellipsis")), output.above(console):
        yield


def _is_shown(is_wanted: bool) -> bool:
    return is_wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
