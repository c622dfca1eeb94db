"""Lists sorted by a stored time, sizes that aren't known yet, a stored type mismatch, and the present error codes.

The sweep computes the mismatch of files that were processed before this version. It also does so for the code
before it, which changes what the mismatch depends on and leaves the mismatch alone: a trigger clears it then.

The code before this version works on: columns are added or made nullable, and the indexes that it uses stay. The
next migration may drop `files_by_time`, `files_by_size`, `files_by_status` and the trigger, when nothing needs
them any more.

The table is locked for the changes of its columns alone, which read no row. Indexes are built outside of a
transaction (CREATE INDEX CONCURRENTLY), and rows are changed in batches that commit each for itself. All of it can
be repeated where an earlier run was interrupted.
https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from chalicelib.migrations.indexes import build_index

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BATCH = 5000
"""Rows that one statement looks at: milliseconds, for which other statements on the same rows wait."""

RECORD_HISTORY = """
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history (file_id, owner, kind, status, version, attempts, mismatch)
        VALUES (OLD.id, OLD.owner, 'deleted', OLD.status, OLD.version + 1, OLD.attempts, OLD.mismatch);
        RETURN NULL;
    END IF;
    INSERT INTO history (file_id, owner, kind, status, version, attempts, error_code, mismatch)
    VALUES (
        NEW.id,
        NEW.owner,
        CASE
            WHEN TG_OP = 'INSERT' AND NEW.status = 'awaiting_upload' THEN 'announced'
            WHEN TG_OP = 'INSERT' THEN 'stored'
            WHEN NEW.attempts <> OLD.attempts THEN 'claimed'
            WHEN NEW.status = OLD.status THEN 'renamed'
            WHEN NEW.status = 'uploaded' AND NEW.attempts_before <> OLD.attempts_before THEN 'reopened'
            WHEN NEW.status = 'uploaded' AND OLD.status = 'processing' THEN 'retried'
            WHEN NEW.status = 'uploaded' THEN 'stored'
            WHEN NEW.status = 'expired' THEN 'expired'
            ELSE 'finished'
        END,
        NEW.status,
        NEW.version,
        NEW.attempts,
        NEW.error_code,
        NEW.mismatch
    );
    RETURN NULL;
END
$$
"""

CLEAR_STALE_MISMATCH = """
CREATE OR REPLACE FUNCTION clear_stale_mismatch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.mismatch := NULL;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER clear_stale_mismatch BEFORE UPDATE ON files
FOR EACH ROW WHEN (
    NEW.mismatch IS NOT NULL
    AND NEW.mismatch_version IS NOT DISTINCT FROM OLD.mismatch_version
    AND (NEW.name, NEW.detected_type) IS DISTINCT FROM (OLD.name, OLD.detected_type)
) EXECUTE FUNCTION clear_stale_mismatch()
"""
"""Code that knows the mismatch stores the file's new version in `mismatch_version` whenever it stores it."""

INDEXES = {
    "files_listed_by_time": "(owner, coalesce(uploaded_at, created_at), id)",
    "files_listed_by_size": "(owner, coalesce(size, -1), id)",
    "files_listed_by_status": "(owner, status, coalesce(uploaded_at, created_at), id)",
    "files_mismatched": "(owner, coalesce(uploaded_at, created_at), id) WHERE mismatch",
    "files_without_mismatch": "(id) WHERE mismatch IS NULL AND status IN ('processed', 'failed')",
}

NEXT_FILES = "SELECT id FROM files WHERE CAST(:after AS uuid) IS NULL OR id > :after ORDER BY id LIMIT :batch"
NEXT_HISTORY = (
    "SELECT id FROM history WHERE CAST(:after AS bigint) IS NULL OR id > :after ORDER BY id LIMIT :batch"
)

RENAME_CODES_OF_FILES = """
UPDATE files SET error_code = CASE error_code
    WHEN 'gave_up' THEN 'attempts_exhausted'
    WHEN 'too_costly' THEN 'resource_limit_exceeded'
END
WHERE id = ANY(:ids) AND error_code IN ('gave_up', 'too_costly')
"""

RENAME_CODES_OF_HISTORY = RENAME_CODES_OF_FILES.replace("UPDATE files", "UPDATE history")

RENAME_SKIPS = """
UPDATE files
SET result = replace(result::text, '"skipped": "killed_workers"', '"skipped": "worker_crashes"')::jsonb
WHERE id = ANY(:ids) AND result::text LIKE '%"skipped": "killed_workers"%'
"""


def upgrade() -> None:
    op.alter_column("files", "size", nullable=True)
    op.execute("ALTER TABLE files ADD COLUMN IF NOT EXISTS mismatch boolean")
    op.execute("ALTER TABLE files ADD COLUMN IF NOT EXISTS mismatch_version integer")
    op.execute("ALTER TABLE history ADD COLUMN IF NOT EXISTS mismatch boolean")
    op.execute(RECORD_HISTORY)
    op.execute(CLEAR_STALE_MISMATCH)
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            build_index(name, definition)
        _update_in_batches(NEXT_FILES, RENAME_CODES_OF_FILES, RENAME_SKIPS)
        _update_in_batches(NEXT_HISTORY, RENAME_CODES_OF_HISTORY)


def _update_in_batches(next_ids: str, *updates: str) -> None:
    """Run the updates on all rows of a table, for the ids of BATCH rows at a time."""
    connection = op.get_bind()
    after: UUID | int | None = None
    while ids := list(connection.execute(sa.text(next_ids), {"after": after, "batch": BATCH}).scalars()):
        for update in updates:
            connection.execute(sa.text(update), {"ids": ids})
        after = ids[-1]


def downgrade() -> None:
    raise NotImplementedError("The code of version 0003 works on this schema; there is no way back.")
