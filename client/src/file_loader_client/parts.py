"""Sends the parts of a multipart upload."""

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from functools import partial
from itertools import chain
from threading import Event, Lock

from file_loader_client.connections import Connections
from file_loader_client.fresh_urls import PartRequests, put_renewing
from file_loader_client.models import Upload, UploadedPart
from file_loader_client.part_reader import PartReader
from file_loader_client.progress import Phase, ProgressCallback, ProgressMeter
from file_loader_client.sources import OpenSource
from file_loader_client.upload_calls import UploadCalls


def send_parts(
    calls: UploadCalls,
    connections: Connections,
    upload: Upload,
    source: OpenSource,
    parallel: int,
    progress: ProgressCallback | None,
) -> list[UploadedPart]:
    """Send the parts that S3 doesn't have, `parallel` at once, and return all parts in order.

    If one fails, the others end at their next block, and its error is raised.
    """
    assert upload.part_size is not None
    assert upload.part_count is not None
    sizes = _part_sizes(source.size, upload.part_size, upload.part_count)
    present = {part.number: part for part in upload.uploaded_parts or () if sizes.get(part.number) == part.size}
    missing = [number for number in sizes if number not in present]
    meter = ProgressMeter(progress, Phase.UPLOAD, source.size, sum(part.size for part in present.values()))
    sender = _PartSender(connections, source, upload.part_size, sizes, PartRequests(calls, upload, missing), meter)
    sent = sender.send(missing, parallel)
    return sorted(chain(present.values(), sent), key=lambda part: part.number)


def _part_sizes(size: int, part_size: int, part_count: int) -> dict[int, int]:
    """Return the size of each part by its number."""
    last = size - part_size * (part_count - 1)
    return dict.fromkeys(range(1, part_count), part_size) | {part_count: last}


class _PartSender:
    """Sends parts in several threads."""

    def __init__(
        self,
        connections: Connections,
        source: OpenSource,
        part_size: int,
        sizes: dict[int, int],
        requests: PartRequests,
        meter: ProgressMeter,
    ) -> None:
        self._connections = connections
        self._source = source
        self._part_size = part_size
        self._sizes = sizes
        self._requests = requests
        self._meter = meter
        self._stop = Event()
        self._lock = Lock()

    def send(self, numbers: Sequence[int], parallel: int) -> list[UploadedPart]:
        """Send the parts with these numbers."""
        waiting = iter(numbers)
        executor = ThreadPoolExecutor(parallel, thread_name_prefix="part")
        futures = [executor.submit(self._send_some, waiting) for _ in range(min(parallel, len(numbers)))]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            self._stop.set()
            executor.shutdown(wait=False)  # Ctrl-C must not wait for servers that don't respond
        if errors := [error for future in done if (error := future.exception())]:
            wait(futures)  # the others end at their next block
            raise errors[0]
        return [part for future in futures for part in future.result()]

    def _send_some(self, waiting: Iterator[int]) -> list[UploadedPart]:
        """Send one part after the other until none waits."""
        return [self._send_part(number) for number in iter(partial(self._take, waiting), None)]

    def _take(self, waiting: Iterator[int]) -> int | None:
        with self._lock:
            return next(waiting, None)

    def _send_part(self, number: int) -> UploadedPart:
        size = self._sizes[number]
        body = PartReader(self._source, (number - 1) * self._part_size, size, self._meter.add, self._stop)
        request = self._requests.get(number)
        etag = put_renewing(self._connections, request, body, partial(self._requests.renew, number))
        self._source.check_unchanged()
        return UploadedPart(number, size, etag)
