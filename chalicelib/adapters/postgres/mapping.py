"""Files to columns, and rows to files."""

from typing import Any

from sqlalchemy import Row

from chalicelib.core.files import Checksum, Failure, File, NewFile
from chalicelib.core.statuses import Status


def columns_of(file: NewFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "owner": file.owner,
        "name": file.name,
        "object_key": file.object_key,
        "size": file.size,
        "declared_type": file.declared_type,
        "etag": file.etag,
        **checksum_columns(file.checksum),
    }


def checksum_columns(checksum: Checksum | None) -> dict[str, str | None]:
    return {
        "checksum_algorithm": checksum.algorithm if checksum else None,
        "checksum_value": checksum.value if checksum else None,
    }


def file_of(row: Row[Any]) -> File:
    return File(
        id=row.id,
        owner=row.owner,
        name=row.name,
        object_key=row.object_key,
        size=row.size,
        declared_type=row.declared_type,
        checksum=Checksum(row.checksum_algorithm, row.checksum_value) if row.checksum_algorithm else None,
        etag=row.etag,
        status=Status(row.status),
        attempts=row.attempts,
        attempts_before=row.attempts_before,
        version=row.version,
        created_at=row.created_at,
        uploaded_at=row.uploaded_at,
        queued_at=row.queued_at,
        processed_at=row.processed_at,
        detected_type=row.detected_type,
        result=row.result,
        failure=Failure(row.error_code, row.error_message) if row.error_code else None,
        thumbnail_key=row.thumbnail_key,
        deaths=row.deaths,
    )
