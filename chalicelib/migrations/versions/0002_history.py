"""The history of each file, the object that its facts are about, and the cursors of the bucket scan.

Columns and tables are only added, so the previous code keeps working beside this version. No row is read or
written: the lock on `files` is held for milliseconds, however many rows there are. History begins with this
version.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

RECORD = """
CREATE FUNCTION record_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO history (file_id, owner, kind, status, version, attempts)
        VALUES (OLD.id, OLD.owner, 'deleted', OLD.status, OLD.version + 1, OLD.attempts);
        RETURN NULL;
    END IF;
    INSERT INTO history (file_id, owner, kind, status, version, attempts, error_code)
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
        NEW.error_code
    );
    RETURN NULL;
END
$$
"""

TRIGGERS = """
CREATE TRIGGER record_creation_and_deletion AFTER INSERT OR DELETE ON files
FOR EACH ROW EXECUTE FUNCTION record_history();

CREATE TRIGGER record_change AFTER UPDATE ON files
FOR EACH ROW WHEN (NEW.version <> OLD.version) EXECUTE FUNCTION record_history();
"""


def upgrade() -> None:
    time, now = sa.DateTime(timezone=True), sa.text("now()")
    op.add_column("files", sa.Column("etag", sa.Text))
    op.add_column("files", sa.Column("changed_to", sa.Text))
    op.add_column("files", sa.Column("sequencer", sa.Text(collation="C")))
    op.add_column("files", sa.Column("queued_at", time))
    op.add_column("files", sa.Column("attempts_before", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("file_id", sa.Uuid, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("at", time, nullable=False, server_default=sa.text("clock_timestamp()")),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text),
        sa.Column("version", sa.Integer),
        sa.Column("attempts", sa.Integer),
        sa.Column("error_code", sa.Text),
        sa.Column("detail", JSONB),
        sa.Column("seq", sa.BigInteger),
    )
    op.create_index("history_of_file", "history", ["file_id", "id"])
    op.create_index(
        "history_numbered", "history", ["owner", "seq"], unique=True, postgresql_where=sa.text("seq IS NOT NULL")
    )
    op.create_index(
        "history_unnumbered",
        "history",
        ["owner", "id"],
        postgresql_where=sa.text("seq IS NULL AND version IS NOT NULL"),
    )
    op.create_table(
        "feeds",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("last_seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "inventory",
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("looked_through_to", sa.Text, nullable=False),
        sa.Column("looked_at", time, nullable=False, server_default=now),
    )
    op.execute(RECORD)
    op.execute(TRIGGERS)


def downgrade() -> None:
    op.execute("DROP TRIGGER record_change ON files")
    op.execute("DROP TRIGGER record_creation_and_deletion ON files")
    op.execute("DROP FUNCTION record_history()")
    for table in ("inventory", "feeds", "history"):
        op.drop_table(table)
    for column in ("attempts_before", "queued_at", "sequencer", "changed_to", "etag"):
        op.drop_column("files", column)
