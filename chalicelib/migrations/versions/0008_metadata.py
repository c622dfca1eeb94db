"""The metadata of files in their history, and an index to filter lists by it.

Columns are only added, both of them nullable, so the code before this version works on. It would fail to read an
entry whose type it doesn't know, and with it the whole feed, also after a rollback: so an entry of a new type has
an older type in `kind`, and its own in `newer_type`.

The trigger's function is replaced without a lock on the table, and the index is built beside running requests.
"""

from alembic import op

from chalicelib.migrations.indexes import build_index

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

RECORD_HISTORY = """
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history (file_id, owner, kind, status, version, attempts, mismatch, metadata)
        VALUES (
            OLD.id, OLD.owner, 'deleted', OLD.status, OLD.version + 1, OLD.attempts, OLD.mismatch, OLD.metadata
        );
        RETURN NULL;
    END IF;
    INSERT INTO history (
        file_id, owner, kind, newer_type, status, version, attempts, error_code, mismatch, metadata
    )
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
        CASE
            WHEN TG_OP = 'UPDATE' AND NEW.attempts = OLD.attempts AND NEW.status = OLD.status
                AND NEW.name = OLD.name AND NEW.metadata IS DISTINCT FROM OLD.metadata
            THEN 'metadata_changed'
        END,
        NEW.status,
        NEW.version,
        NEW.attempts,
        NEW.error_code,
        NEW.mismatch,
        NEW.metadata
    );
    RETURN NULL;
END
$$
"""

OF_OWNER = "jsonb_set('{}'::jsonb, ARRAY[owner], metadata)"
"""The metadata below its owner. `jsonb_path_ops` hashes each value with its path, so an entry of the index is of
an owner, a key and a value, and no other owner's files are read. Without a condition `metadata IS NOT NULL`:
PostgreSQL doesn't use a partial index's statistics, and would scan all of an owner's files for a rare value."""


def upgrade() -> None:
    op.execute("ALTER TABLE history ADD COLUMN IF NOT EXISTS metadata jsonb")
    op.execute("ALTER TABLE history ADD COLUMN IF NOT EXISTS newer_type text")
    op.execute(RECORD_HISTORY)
    with op.get_context().autocommit_block():
        build_index("files_by_metadata", f"USING gin (({OF_OWNER}) jsonb_path_ops) WITH (fastupdate = off)")


def downgrade() -> None:
    raise NotImplementedError("The code of version 0007 works on this schema; there is no way back.")
