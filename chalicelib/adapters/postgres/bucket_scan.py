"""The comparison of the rows with the bucket's listing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from chalicelib.adapters.postgres.conditions import IS_DONE, REQUEUED, assignments
from chalicelib.adapters.postgres.database import Database
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.storage import ObjectPage
from chalicelib.core.sweep.ports import BucketDiff

GET_CURSOR = "SELECT looked_through_to AS cursor FROM inventory WHERE prefix = %(prefix)s"

SAVE_CURSOR = """
INSERT INTO inventory (prefix, looked_through_to)
VALUES (%(prefix)s, %(cursor)s)
ON CONFLICT (prefix) DO UPDATE SET looked_through_to = excluded.looked_through_to, looked_at = now()
"""

COMPARE = f"""
WITH listed AS (
    SELECT object_key, etag FROM unnest(%(keys)s::text[], %(etags)s::text[]) AS listed (object_key, etag)
),
unprocessed AS (
    SELECT listed.object_key
    FROM listed LEFT JOIN files ON files.object_key = listed.object_key
    WHERE files.id IS NULL
        OR files.status_since < now() - %(settling_time)s AND (
            {IS_DONE} AND files.etag IS DISTINCT FROM listed.etag
            OR files.status = 'failed' AND files.error_code = 'object_missing'
            OR files.status IN ('awaiting_upload', 'expired', 'rejected')
        )
),
missing AS (
    SELECT files.object_key
    FROM files
    WHERE {IS_DONE}
        AND files.status_since < now() - %(settling_time)s
        AND files.error_code IS DISTINCT FROM 'object_missing'
        AND files.object_key > %(after)s
        AND files.object_key LIKE %(prefix)s || '%%'
        AND (%(last)s::text IS NULL OR files.object_key <= %(last)s::text)
        AND files.object_key NOT IN (SELECT object_key FROM listed)
    LIMIT %(limit)s
)
SELECT object_key, true AS listed FROM unprocessed
UNION ALL
SELECT object_key, false FROM missing
"""

ORPHANED_THUMBNAILS = """
SELECT listed.object_key
FROM unnest(%(keys)s::text[], %(ids)s::uuid[]) AS listed (object_key, file_id)
WHERE NOT EXISTS (
    SELECT FROM files
    WHERE files.id = listed.file_id
        AND (files.thumbnail_key = listed.object_key OR files.status = 'processing')
)
"""

REQUEUE_BY_KEY = f"UPDATE files SET {assignments(REQUEUED)} WHERE files.object_key = %(key)s AND {IS_DONE}"


class PostgresBucketScan:
    """Implements `chalicelib.core.sweep.ports.BucketScan`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self, prefix: str) -> str:
        rows = self._database.read(GET_CURSOR, {"prefix": prefix})
        return rows[0].cursor if rows else ""

    def save_cursor(self, prefix: str, key: str) -> None:
        self._database.execute(SAVE_CURSOR, {"prefix": prefix, "cursor": key})

    def compare(self, page: ObjectPage, after: str, settling_time: timedelta, limit: int) -> BucketDiff:
        keys = [ref.key for ref in page.objects]
        parameters = {
            "keys": keys,
            "etags": [ref.etag for ref in page.objects],
            "settling_time": settling_time,
            "after": after,
            "prefix": UPLOADS_PREFIX,
            "last": keys[-1] if page.has_more else None,
            "limit": limit,
        }
        rows = self._database.read(COMPARE, parameters)
        return BucketDiff(
            unprocessed=[row.object_key for row in rows if row.listed],
            missing=[row.object_key for row in rows if not row.listed],
        )

    def orphaned_thumbnails(self, thumbnails: Mapping[str, UUID]) -> Sequence[str]:
        parameters = {"keys": list(thumbnails), "ids": list(thumbnails.values())}
        return [row.object_key for row in self._database.read(ORPHANED_THUMBNAILS, parameters)]

    def requeue_by_key(self, object_key: str) -> None:
        self._database.execute(REQUEUE_BY_KEY, {"key": object_key})
