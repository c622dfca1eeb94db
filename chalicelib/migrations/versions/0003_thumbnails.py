"""Thumbnails, crashes of workers, and files that an older processor has processed.

Columns are only added, with a default that doesn't rewrite the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("files", sa.Column("thumbnail_key", sa.Text))
    op.add_column("files", sa.Column("deaths", sa.Integer, nullable=False, server_default=sa.text("0")))
    op.create_table(
        "outdated",
        sa.Column("file_id", sa.Uuid, sa.ForeignKey("files.id", ondelete="CASCADE"), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("outdated")
    for column in ("deaths", "thumbnail_key"):
        op.drop_column("files", column)
