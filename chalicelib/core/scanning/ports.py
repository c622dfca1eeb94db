"""What scanning for malware needs from outside: a scanner, and the rows of the files."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.scanning.verdicts import ScanResult


class ScannerUnavailableError(Exception):
    """The scanner didn't respond, or not in time. The file is scanned again later."""


class Scanner(Protocol):
    """Scans bytes for malware."""

    def scan(self, chunks: Iterable[bytes]) -> ScanResult:
        """Return the verdict about an object, whose bytes come in chunks. Not all of them are read if the verdict
        is known earlier.

        Raises ScannerUnavailableError, and what the chunks raise.
        """


class RejectedFile(Struct, frozen=True):
    """A file that was rejected, and the thumbnail that it had."""

    file: File
    thumbnail_key: str | None


class Scans(Protocol):
    """The verdicts of the files of all owners. Each call is one statement.

    Raises ServiceError(DATABASE_UNAVAILABLE) when the database doesn't respond, and
    ServiceError(INSUFFICIENT_STORAGE) when its disk is full.
    """

    def record(self, object_key: str, scan: Scan) -> File | None:
        """Store the scan and return the file, which has a new version. None without such a file, if it is
        rejected, or if the same object has a verdict that isn't older."""

    def reject_infected(self, object_key: str, scan: Scan, failure: Failure) -> RejectedFile | None:
        """Store the scan, move the file to `rejected` whatever its status, and add a tombstone for the object. A
        worker that holds a lease loses it. None without such a file, or if it is rejected already."""

    def without_verdict(self, settling_time: timedelta, limit: int) -> Sequence[File]:
        """Return finished files without a verdict about their present object, at most `limit`. A file is due when
        `settling_time` has passed since it was processed, or at the time that `postpone` has set; the latest
        comes first."""

    def postpone(self, file: File) -> None:
        """Return the file again when it is twice as old as now, counted from when it was processed."""
