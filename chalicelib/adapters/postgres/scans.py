"""The verdicts of malware scans."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import IS_DONE, assignments
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import first_file, to_file
from chalicelib.adapters.postgres.outcomes import SCAN, outcome_parameters
from chalicelib.adapters.postgres.rejections import REJECTED, reject
from chalicelib.core.files.model import Failure, File, Scan
from chalicelib.core.scanning.ports import RejectedFile

SCANNED = {**SCAN, "scanned_at": "%(scanned_at)s"}

RECORD = f"""
UPDATE files
SET {assignments(SCANNED)}, version = files.version + 1
WHERE files.object_key = %(key)s
    AND files.status <> 'rejected'
    AND (files.scan_etag IS DISTINCT FROM %(etag)s OR files.scanned_at < %(scanned_at)s)
RETURNING {FILE_COLUMNS}
"""

REJECT_INFECTED = reject(
    f"""
    UPDATE files
    SET {assignments({**SCANNED, **REJECTED})}, uploaded_at = coalesce(files.uploaded_at, now())
    FROM files AS before
    WHERE files.object_key = %(key)s AND files.status <> 'rejected' AND before.id = files.id
    RETURNING files.*, before.thumbnail_key AS previous_thumbnail_key
    """,
    "previous_thumbnail_key",
)

WITHOUT_VERDICT = f"""
SELECT {FILE_COLUMNS} FROM files
WHERE {IS_DONE}
    AND files.scan_etag IS DISTINCT FROM files.etag
    AND coalesce(files.scan_check_at, files.processed_at) < now() -- as the index has it
    AND coalesce(files.scan_check_at, files.processed_at + %(settling_time)s) < now()
ORDER BY coalesce(files.scan_check_at, files.processed_at) DESC
LIMIT %(limit)s
"""

POSTPONE = f"""
UPDATE files
SET scan_check_at = now() + (now() - files.processed_at)
WHERE files.id = %(id)s AND {IS_DONE}
"""


class PostgresScans:
    """Implements `chalicelib.core.scanning.ports.Scans`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, object_key: str, scan: Scan) -> File | None:
        return first_file(self._database.fetch_all(RECORD, _parameters(object_key, scan)))

    def reject_infected(self, object_key: str, scan: Scan, failure: Failure) -> RejectedFile | None:
        parameters = {**_parameters(object_key, scan), **outcome_parameters(failure)}
        rows = self._database.fetch_all(REJECT_INFECTED, parameters)
        return RejectedFile(to_file(rows[0]), rows[0].previous_thumbnail_key) if rows else None

    def without_verdict(self, settling_time: timedelta, limit: int) -> Sequence[File]:
        parameters = {"settling_time": settling_time, "limit": limit}
        return [to_file(row) for row in self._database.read(WITHOUT_VERDICT, parameters)]

    def postpone(self, file: File) -> None:
        self._database.execute(POSTPONE, {"id": file.id})


def _parameters(object_key: str, scan: Scan) -> dict[str, Any]:
    return {
        "key": object_key,
        "verdict": scan.verdict,
        "scanned_at": scan.scanned_at,
        "etag": scan.etag,
    }
