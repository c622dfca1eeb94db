"""The object keys of deleted files."""

from collections.abc import Sequence
from datetime import timedelta

from chalicelib.adapters.postgres.database import Database
from chalicelib.core.files.ports import DeletedFile

PENDING = """
SELECT object_key, multipart_upload_id
FROM tombstones
WHERE cleared_at IS NULL AND deleted_at < now() - %(grace_period)s
ORDER BY deleted_at
LIMIT %(limit)s
"""

CLEAR = "UPDATE tombstones SET cleared_at = now() WHERE object_key = %(object_key)s"


class PostgresTombstones:
    """Implements `chalicelib.core.files.ports.Tombstones`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def pending(self, grace_period: timedelta, limit: int) -> Sequence[DeletedFile]:
        rows = self._database.read(PENDING, {"grace_period": grace_period, "limit": limit})
        return [DeletedFile(row.object_key, row.multipart_upload_id) for row in rows]

    def clear(self, object_key: str) -> None:
        self._database.execute(CLEAR, {"object_key": object_key})
