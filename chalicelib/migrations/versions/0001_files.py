"""Files, and the tombstones of deleted ones."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNFINISHED = "status IN ('awaiting_upload', 'uploaded', 'processing')"


def upgrade() -> None:
    time, now = sa.DateTime(timezone=True), sa.text("now()")
    op.create_table(
        "files",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("name", sa.Text(collation="C"), nullable=False),
        sa.Column("object_key", sa.Text(collation="C"), nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("declared_type", sa.Text),
        sa.Column("detected_type", sa.Text),
        sa.Column("checksum_algorithm", sa.Text),
        sa.Column("checksum_value", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("status_since", time, nullable=False, server_default=now),
        sa.Column("lease_until", time),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("created_at", time, nullable=False, server_default=now),
        sa.Column("expires_at", time),
        sa.Column("uploaded_at", time),
        sa.Column("processed_at", time),
        sa.Column("result", JSONB),
        sa.Column("error_code", sa.Text),
        sa.Column("error_message", sa.Text),
        sa.CheckConstraint("size >= 0", name="files_size_check"),
        sa.CheckConstraint(
            "status IN ('awaiting_upload', 'uploaded', 'processing', 'processed', 'failed', 'rejected',"
            " 'expired')",
            name="files_status_check",
        ),
        sa.CheckConstraint("(status = 'processing') = (lease_until IS NOT NULL)", name="files_lease_check"),
    )
    op.create_index("files_by_time", "files", ["owner", "id"])
    op.create_index("files_by_name", "files", ["owner", "name", "id"])
    op.create_index("files_by_size", "files", ["owner", "size", "id"])
    op.create_index("files_by_status", "files", ["owner", "status", "id"])
    op.create_index("files_unfinished", "files", ["status_since"], postgresql_where=sa.text(UNFINISHED))
    op.create_table(
        "tombstones",
        sa.Column("object_key", sa.Text(collation="C"), primary_key=True),
        sa.Column("file_id", sa.Uuid, nullable=False, index=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("deleted_at", time, nullable=False, server_default=now),
        sa.Column("cleared_at", time),
    )
    op.create_index(
        "tombstones_uncleared", "tombstones", ["deleted_at"], postgresql_where=sa.text("cleared_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("tombstones")
    op.drop_table("files")
