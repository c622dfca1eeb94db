"""Map files to columns, and rows to files.

A field of File has the name of its column's key, apart from checksum, failure and scan, which take several each.
Without metadata, its column is null. So a new column needs no change here.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import fields
from sqlalchemy import Row

from chalicelib.adapters.postgres.tables import files
from chalicelib.core.files.model import Analysis, Checksum, Failure, File, NewFile, Scan
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict

_NEW_FILE_COLUMNS = [field.name for field in fields(NewFile) if field.name in files.c]
_FILE_COLUMNS = [field.name for field in fields(File) if field.name in files.c]


def to_columns(file: NewFile) -> dict[str, Any]:
    """Return the columns of a file that has no row yet."""
    columns = {name: getattr(file, name) for name in _NEW_FILE_COLUMNS}
    return columns | checksum_columns(file.checksum) | {"metadata": file.metadata or None}


def checksum_columns(checksum: Checksum | None) -> dict[str, str | None]:
    return {
        "checksum_algorithm": checksum.algorithm if checksum else None,
        "checksum_value": checksum.value if checksum else None,
    }


def error_columns(outcome: Analysis | Failure) -> dict[str, Any]:
    failure = outcome if isinstance(outcome, Failure) else None
    return {
        "error_code": failure.code if failure else None,
        "error_message": failure.message if failure else None,
    }


def mismatch_columns(mismatch: Any, version: Any = files.c.version + 1) -> dict[str, Any]:
    """Return the columns of an UPDATE that stores the mismatch together with a version of the file, which is a new
    one by default."""
    return {"mismatch": mismatch, "mismatch_version": version}


def scan_columns(verdict: Verdict, scanned_at: Any, etag: str | None) -> dict[str, Any]:
    return {"scan_verdict": verdict, "scanned_at": scanned_at, "scan_etag": etag, "scan_check_at": None}


def to_file(row: Row[Any]) -> File:
    """Return the file of a row that holds all columns of `files`."""
    return File(
        **{
            name: getattr(
                row, name if hasattr(row, name) else files.c[name].name
            )  # a statement in text has aliases
            for name in _FILE_COLUMNS
        }
        | {
            "status": Status(row.status),
            "checksum": Checksum(row.checksum_algorithm, row.checksum_value) if row.checksum_algorithm else None,
            "metadata": row.metadata or {},
            "failure": Failure(row.error_code, row.error_message) if row.error_code else None,
            "scan": _scan(row),
        }
    )


def _scan(row: Row[Any]) -> Scan | None:
    if row.scan_verdict is None or row.scan_etag is None:
        return None
    return Scan(verdict=Verdict(row.scan_verdict), scanned_at=row.scanned_at, etag=row.scan_etag)


def first_file(rows: Sequence[Row[Any]]) -> File | None:
    """Return the file of the first row; None if there is none."""
    return to_file(rows[0]) if rows else None
