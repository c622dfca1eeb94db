"""Columns of files, as statements select them, and values as they pass them."""

from typing import Any

from psycopg2.extras import Json

COLUMNS = (
    "id",
    "owner",
    "name",
    "object_key",
    "size",
    "declared_type",
    "detected_type",
    "checksum_algorithm",
    "checksum_value",
    "status",
    "attempts",
    "attempts_before AS attempts_offset",
    "version",
    "created_at",
    "expires_at",
    "uploaded_at",
    "queued_at",
    "processed_at",
    "result",
    "error_code",
    "error_message",
    "etag",
    "thumbnail_key",
    "deaths AS worker_crashes",
    "mismatch",
    "metadata",
    "multipart_upload_id",
    "part_size",
    "request_digest",
    "scan_verdict",
    "scanned_at",
    "scan_etag",
)
"""What `mapping.to_file` needs. A column whose name in the database isn't as good gets the one that the code uses.
The column itself isn't renamed: while a deployment migrates the database, the code from before still uses the old
name (docs/decisions/0014-column-names.md)."""


def file_columns(table: str = "files") -> str:
    """Return the columns of a SELECT or RETURNING whose rows are files of this table or alias."""
    return ", ".join(f"{table}.{column}" for column in COLUMNS)


FILE_COLUMNS = file_columns()


def json_or_null(value: Any) -> Json | None:
    """Return the value as a parameter for a column of JSON; None, or an empty object, is null."""
    return Json(value) if value else None
