"""`FileCounts` in memory."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.administration.model import Count, FailureCount, LateFile, LateFiles
from chalicelib.core.administration.ports import FamilySample, StatusCounts
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from tests.fakes.reprocess_queue import FakeReprocessQueue
from tests.fakes.table import Table, now

QUEUED = {Status.UPLOADED, Status.PROCESSING}
FAILED = {Status.FAILED, Status.REJECTED}


@dataclass
class FakeFileCounts:
    """`FileCounts` in memory."""

    table: Table
    reprocess_queue: FakeReprocessQueue

    def by_status(self) -> StatusCounts:
        counted = Counter(file.status for file in self._files)
        by_status = {status: Count(counted[status]) for status in Status}
        return StatusCounts(now(), by_status, Count(len(self.reprocess_queue.marked & self.table.rows.keys())))

    def sample_families(self) -> FamilySample:
        types = [file.detected_type for file in self._files]
        families = Counter(None if each is None else each.partition("/")[0] for each in types)
        return FamilySample(families, is_whole=True)

    def late(self, max_wait: timedelta, limit: int) -> LateFiles:
        late = sorted(
            (
                LateFile(
                    id=file.id,
                    owner=file.owner,
                    name=file.name,
                    status=file.status,
                    attempts=file.attempts,
                    waiting_since=since,
                )
                for file in self._files
                if file.status in QUEUED and (since := file.queued_at or file.uploaded_at)
                if since < now() - max_wait
            ),
            key=lambda file: (file.waiting_since, file.id),
        )
        return LateFiles(Count(len(late)), late[:limit])

    def failures(self, within: timedelta) -> Sequence[FailureCount]:
        newest: dict[str, datetime] = {}
        counted = Counter[str]()
        for file in self._files:
            if file.status in FAILED and file.failure and file.processed_at and file.processed_at > now() - within:
                code = file.failure.code
                counted[code] += 1
                newest[code] = max(newest.get(code, file.processed_at), file.processed_at)
        most_frequent_first = sorted(counted, key=lambda code: (-counted[code], code))
        return [FailureCount(code, Count(counted[code]), newest[code]) for code in most_frequent_first]

    @property
    def _files(self) -> Sequence[File]:
        return [row.file for row in self.table.rows.values()]
