"""The statement that deletes a file and leaves a tombstone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chalicelib.adapters.postgres.conditions import IS_AWAITING_BYTES, REPLACE_TOMBSTONE, belongs_to, owned
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.ports import DeletedFile


def delete_leaving_tombstone(owners: Owners, file_id: UUID, condition: str = "true") -> tuple[str, dict[str, Any]]:
    """Return the statement that deletes the file, if it fulfils the condition, and adds a tombstone; or finds the
    tombstone of an earlier call. Its rows are for `parse_deleted`."""
    is_file, parameters = owned(owners, file_id)
    statement = f"""
WITH deleted AS (
    DELETE FROM files WHERE {is_file} AND {condition}
    RETURNING
        files.object_key,
        files.id,
        files.owner,
        CASE WHEN {IS_AWAITING_BYTES} THEN files.multipart_upload_id END AS multipart_upload_id,
        files.thumbnail_key
),
added AS (
    INSERT INTO tombstones (object_key, file_id, owner, multipart_upload_id)
    SELECT object_key, id, owner, multipart_upload_id FROM deleted
    {REPLACE_TOMBSTONE}
)
SELECT object_key, multipart_upload_id, thumbnail_key FROM deleted
UNION ALL
SELECT tombstones.object_key, tombstones.multipart_upload_id, NULL
FROM tombstones
WHERE tombstones.file_id = %(id)s
    AND {belongs_to(owners, "tombstones.owner")}
    AND tombstones.cleared_at IS NULL
    AND NOT EXISTS (SELECT FROM files WHERE files.id = tombstones.file_id) -- a rejected file has a row, too
"""
    return statement, parameters


def parse_deleted(rows: Sequence[Any]) -> DeletedFile | None:
    """Return the deleted file, None if nothing was deleted."""
    return DeletedFile(**rows[0]._asdict()) if rows else None
