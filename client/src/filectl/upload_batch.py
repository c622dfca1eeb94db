"""Uploads the files of one command: small ones side by side, large ones with several parts at once."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import TYPE_CHECKING

from filectl.errors import StoppedError, describe_error
from filectl.exit_statuses import ExitStatus
from filectl.file_upload import FileUploader
from filectl.progress_bars import ProgressDisplay
from filectl.sources import Source

if TYPE_CHECKING:
    from file_loader_client import File

LARGE = 64 * 1024 * 1024
"""Bytes from which parts of one file are sent in parallel, rather than several files."""


def upload_batch(
    uploader: FileUploader, sources: Sequence[Source], parallel: int, display: ProgressDisplay
) -> "Iterator[tuple[Source, Future[File]]]":
    """Upload the files, and yield each one with its file, or its error, as soon as there is one.

    `parallel` connections send bytes at once. If the service fails, the other files aren't tried. All work is done
    in threads, so that this one can end the program.
    """

    def upload(source: Source, parts: int) -> "File":
        if uploader.stop.is_set():
            raise StoppedError
        try:
            with display.follow(source.label, source.size) as transfer:
                return uploader.upload(source, parts, transfer.show)
        except Exception as error:
            problem = describe_error(error)
            if problem and problem.status is ExitStatus.SERVICE_FAILED:
                uploader.stop.set()
            raise

    small = [source for source in sources if source.size is not None and source.size < LARGE]
    large = [source for source in sources if source.size is None or source.size >= LARGE]
    for batch, files_at_once, parts in ((small, parallel, 1), (large, 1, parallel)):
        executor = ThreadPoolExecutor(files_at_once)  # not left with an exception: it would wait for the threads
        futures = {executor.submit(upload, source, parts): source for source in batch}
        for future in as_completed(futures):
            yield futures.pop(future), future
        executor.shutdown()
