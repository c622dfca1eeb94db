"""The statement that records a dead letter."""

from chalicelib.adapters.postgres.conditions import IS_CLAIMABLE_BY_EVENT

# The epoch is longer ago than any grace period of `ProcessingQueue.overdue`. When the file was queued is in
# `queued_at`.
RECORD_DEAD_LETTER = f"""
WITH overdue AS (
    UPDATE files
    SET status = 'uploaded',
        status_since = to_timestamp(0),
        uploaded_at = coalesce(files.uploaded_at, now()),
        queued_at = coalesce(files.queued_at, now()),
        version = files.version + CASE WHEN files.status = 'uploaded' THEN 0 ELSE 1 END
    WHERE files.object_key = %(key)s AND {IS_CLAIMABLE_BY_EVENT}
)
INSERT INTO history (file_id, owner, kind, detail)
SELECT id, owner, 'dead_letter', %(detail)s::jsonb FROM files WHERE object_key = %(key)s
"""
"""Adds the dead letter to the history of the file with this key, if there is one, and makes the file overdue if it
waits."""
