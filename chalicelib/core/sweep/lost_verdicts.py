"""Find verdicts whose events were lost, in the tags of the objects."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from msgspec import Struct

from chalicelib.core.errors import ObjectMissingError
from chalicelib.core.files.model import File
from chalicelib.core.metrics import Metrics
from chalicelib.core.scanning.guardduty import TAG, to_verdict
from chalicelib.core.scanning.ports import Scans
from chalicelib.core.scanning.record_scan import RecordScan, record_scan
from chalicelib.core.scanning.verdicts import ScanResult
from chalicelib.core.storage import Objects
from chalicelib.core.sweep.outcomes import SweepOutcome

MAX_FILES_PER_SWEEP = 50
"""Two requests each. A file without a tag is looked at again when it is twice as old, so that there are few."""


class LostVerdicts(Struct, frozen=True):
    """Files that are finished and have no verdict."""

    scans: Scans
    storage: Objects
    metrics: Metrics
    settling_time: timedelta
    """A scan may take that long after the file was processed."""

    def actions(self) -> Iterator[Callable[[], SweepOutcome | None]]:
        """Yield an action for each file. One statement."""
        for file in self.scans.without_verdict(self.settling_time, MAX_FILES_PER_SWEEP):
            yield partial(self._record_tag, file)

    def _record_tag(self, file: File) -> SweepOutcome | None:
        """Record the verdict in the tag of the present object, if it has one.

        Its ETag is read first. If the object is replaced before its tags are read, they are recorded for the
        earlier one, which can't be downloaded any more. The verdict about the present object may be known although
        the row is about the earlier one: until the event about the replacement, or the sweep, processes it.
        """
        head = self.storage.head(file.object_key)
        is_known = head is not None and file.scan is not None and file.scan.etag == head.etag
        status = None if head is None or is_known else self._read_tag(file)
        if head is None or status is None:
            self.scans.postpone(file)
            return None
        command = RecordScan(
            object_key=file.object_key,
            etag=head.etag,
            result=ScanResult(to_verdict(status)),
            scanned_at=datetime.now(UTC),
        )
        recorded = record_scan(command, scans=self.scans, storage=self.storage, metrics=self.metrics)
        return None if recorded is None else SweepOutcome.VERDICT_LOST

    def _read_tag(self, file: File) -> str | None:
        try:
            return self.storage.tags(file.object_key).get(TAG)
        except ObjectMissingError:
            return None
