"""Map files to parameters of statements, and rows to files.

A field of File has the name of its column, apart from checksum, failure and scan, which take several each.
"""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import fields

from chalicelib.adapters.postgres.columns import json_or_null
from chalicelib.core.files.model import Analysis, Checksum, Failure, File, NewFile, Scan
from chalicelib.core.files.search_terms import normalize_text
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict

_NEW_FILE_FIELDS = [field.name for field in fields(NewFile) if field.name != "checksum"]

NEW_FILE = {
    name: f"%({name})s" for name in (*_NEW_FILE_FIELDS, "checksum_algorithm", "checksum_value", "search_name")
}
"""What an INSERT of a file stores, as SQL by the column. Its parameters are those of `new_file_parameters`."""


def new_file_parameters(file: NewFile) -> dict[str, Any]:
    """Return the parameters of `NEW_FILE`."""
    values = {name: getattr(file, name) for name in _NEW_FILE_FIELDS}
    return {
        **values,
        **checksum_columns(file.checksum),
        "metadata": json_or_null(file.metadata),
        "search_name": normalize_text(file.name),
    }


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


def to_file(row: Any) -> File:
    """Return the file of a row that holds all of FILE_COLUMNS. A list has a hundred, so no names are looked up."""
    return File(
        id=row.id,
        owner=row.owner,
        name=row.name,
        object_key=row.object_key,
        size=row.size,
        declared_type=row.declared_type,
        etag=row.etag,
        multipart_upload_id=row.multipart_upload_id,
        part_size=row.part_size,
        attempts=row.attempts,
        attempts_offset=row.attempts_offset,
        version=row.version,
        created_at=row.created_at,
        expires_at=row.expires_at,
        uploaded_at=row.uploaded_at,
        queued_at=row.queued_at,
        processed_at=row.processed_at,
        detected_type=row.detected_type,
        result=row.result,
        mismatch=row.mismatch,
        thumbnail_key=row.thumbnail_key,
        request_digest=row.request_digest,
        worker_crashes=row.worker_crashes,
        status=Status(row.status),
        checksum=Checksum(row.checksum_algorithm, row.checksum_value) if row.checksum_algorithm else None,
        metadata=row.metadata or {},
        failure=Failure(row.error_code, row.error_message) if row.error_code else None,
        scan=_scan(row),
    )


def _scan(row: Any) -> Scan | None:
    if row.scan_verdict is None or row.scan_etag is None:
        return None
    return Scan(verdict=Verdict(row.scan_verdict), scanned_at=row.scanned_at, etag=row.scan_etag)


def first_file(rows: Sequence[Any]) -> File | None:
    """Return the file of the first row; None if there is none."""
    return to_file(rows[0]) if rows else None
