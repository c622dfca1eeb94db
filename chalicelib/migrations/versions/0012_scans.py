"""Malware scans: the latest verdict about a file's object, also in its history, and when to look for a lost one.

Columns are only added, all of them nullable, so the code before this version works on: its files have no verdict.
An entry of the new type `scanned` has an older type in `kind`, as migration 0008 explains.

The trigger's function is replaced without a lock on the table, and the index is built beside running requests.
"""

from alembic import op

from chalicelib.migrations.indexes import build_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ADD_COLUMNS = """
ALTER TABLE files
    ADD COLUMN IF NOT EXISTS scan_verdict text,
    ADD COLUMN IF NOT EXISTS scanned_at timestamptz,
    ADD COLUMN IF NOT EXISTS scan_etag text,
    ADD COLUMN IF NOT EXISTS scan_check_at timestamptz
"""

RECORD_HISTORY = """
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_scanned boolean;
    current_verdict text;
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history (file_id, owner, kind, status, version, attempts, mismatch, metadata)
        VALUES (
            OLD.id, OLD.owner, 'deleted', OLD.status, OLD.version + 1, OLD.attempts, OLD.mismatch, OLD.metadata
        );
        RETURN NULL;
    END IF;
    is_scanned := TG_OP = 'UPDATE' AND NEW.scan_verdict IS NOT NULL
        AND (NEW.scanned_at, NEW.scan_etag) IS DISTINCT FROM (OLD.scanned_at, OLD.scan_etag);
    IF NEW.etag IS NULL OR NEW.etag = NEW.scan_etag OR NEW.scan_verdict = 'infected' THEN
        current_verdict := NEW.scan_verdict;
    END IF;
    IF is_scanned AND NEW.status <> OLD.status THEN
        -- One version, two entries: the version belongs to the other one.
        INSERT INTO history (file_id, owner, kind, newer_type, verdict)
        VALUES (NEW.id, NEW.owner, 'event', 'scanned', NEW.scan_verdict);
    END IF;
    INSERT INTO history (
        file_id, owner, kind, newer_type, status, version, attempts, error_code, mismatch, metadata, verdict
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
            WHEN TG_OP <> 'UPDATE' OR NEW.attempts <> OLD.attempts OR NEW.status <> OLD.status THEN NULL
            WHEN is_scanned THEN 'scanned'
            WHEN NEW.name = OLD.name AND NEW.metadata IS DISTINCT FROM OLD.metadata THEN 'metadata_changed'
        END,
        NEW.status,
        NEW.version,
        NEW.attempts,
        NEW.error_code,
        NEW.mismatch,
        NEW.metadata,
        current_verdict
    );
    RETURN NULL;
END
$$
"""

WITHOUT_VERDICT = """
(coalesce(scan_check_at, processed_at))
WHERE status IN ('processed', 'failed') AND scan_etag IS DISTINCT FROM etag
"""


def upgrade() -> None:
    op.execute(ADD_COLUMNS)
    op.execute("ALTER TABLE history ADD COLUMN IF NOT EXISTS verdict text")
    op.execute(RECORD_HISTORY)
    with op.get_context().autocommit_block():
        build_index("files_without_verdict", WITHOUT_VERDICT)


def downgrade() -> None:
    raise NotImplementedError("The code of version 0011 works on this schema; there is no way back.")
