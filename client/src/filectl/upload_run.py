"""One run of `filectl upload`: uploads, waits, prints what became of each file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from filectl.errors import Problem, SignalError, StoppedError, describe_error
from filectl.exit_statuses import ExitStatus
from filectl.file_upload import FileUploader
from filectl.output import Column, Output
from filectl.progress_bars import show_progress, show_text
from filectl.sources import Source
from filectl.text import human_size, printable
from filectl.upload_batch import upload_batch

if TYPE_CHECKING:
    from file_loader_client import File

COLUMNS = (Column("ID", 36), Column("STATUS", 9), Column("SIZE", 9, is_number=True), Column("NAME"))
BAD_STATUSES = {"failed", "rejected", "expired"}


class UploadRun:
    """Uploads the files of one command. Used by one thread."""

    def __init__(self, uploader: FileUploader, output: Output, sources: Sequence[Source]) -> None:
        self._uploader = uploader
        self._output = output
        self._sources = sources
        self._stored: dict[Source, File] = {}
        self._refuses_token = False

    def upload(self, parallel: int, *, is_quiet: bool, is_reported: bool) -> None:
        """Upload all files, and print them if they are to be reported now."""
        sizes = [source.size for source in self._sources]
        with self._describe_interruption(), show_progress(self._output, sizes, is_wanted=not is_quiet) as display:
            for source, future in upload_batch(self._uploader, self._sources, parallel, display):
                try:
                    self._stored[source] = future.result()
                except Exception as error:
                    if not self._fail(source, error):
                        raise
                    continue
                if is_reported:
                    self._report(source, self._stored[source])

    def wait(self, timeout: float | None, *, is_quiet: bool) -> None:
        """Wait until each file is processed or can't be, and print it then."""
        for number, (source, file) in enumerate(self._stored.items(), 1):
            text = f"file {number} of {len(self._stored)} is being processed: {source.label}"
            try:
                with self._describe_interruption(), show_text(self._output, text, is_wanted=not is_quiet):
                    final = self._uploader.client.wait(file.id, timeout)
            except Exception as error:
                if not self._fail(source, error):
                    raise
                if self._refuses_token:
                    return
            else:
                self._report(source, final)

    def end(self) -> None:
        """Forget the uploads if all are done. Otherwise the same command does the rest."""
        missing = len(self._sources) - len(self._stored)
        if not missing:
            for source in self._stored:
                self._uploader.forget(source)
        elif len(self._sources) > 1:
            self._output.warn(
                f"{missing} of {len(self._sources)} files aren't uploaded. The same command uploads only these."
            )
        elif self._refuses_token:
            self._output.warn("With another token, the same command continues.")

    def _report(self, source: Source, file: "File") -> None:
        if self._output.as_json:
            self._output.write_json(file)
        else:
            size = human_size(file.size) if self._output.is_table else str(file.size)
            self._output.write_row(COLUMNS, [file.id, file.status, size, printable(self._label_of(source))])
        if file.status in BAD_STATUSES:
            reason = f"{file.error.code}: {file.error.message}" if file.error else ""
            message = f"{file.status}: {reason}" if reason else file.status
            self._output.report(Problem(ExitStatus.FILE_FAILED, f"file_{file.status}", message), source.label)

    def _label_of(self, source: Source) -> str:
        """Return the path as it was given; on a terminal, where there is little room, the name."""
        return source.name if self._output.is_table and source.size is not None else source.label

    def _fail(self, source: Source, error: Exception) -> bool:
        """Report why a file isn't uploaded. Return False for a fault of filectl."""
        if isinstance(error, StoppedError):
            return True
        problem = describe_error(error)
        if problem is None:
            return False
        self._refuses_token = self._refuses_token or problem.refuses_token
        self._output.report(problem, source.label)
        return True

    @contextmanager
    def _describe_interruption(self) -> Iterator[None]:
        """Say how to go on after Ctrl-C or SIGTERM."""
        try:
            yield
        except SignalError:
            self._uploader.stop.set()
            done = (
                f"{len(self._stored)} of {len(self._sources)} files are uploaded. "
                if len(self._sources) > 1
                else ""
            )
            self._output.begin_line()
            self._output.warn(f"Interrupted. {done}Run the same command again to continue.")
            raise
