"""Thumbnails, files that kill their workers, and files that an older processor has described.

Columns are only added, with defaults that need no rewriting of the table.
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
    op.add_column("files", sa.Column("outdated", sa.Boolean, nullable=False, server_default=sa.text("false")))
    op.create_index("files_outdated", "files", ["id"], postgresql_where=sa.text("outdated"))


def downgrade() -> None:
    op.drop_index("files_outdated", "files")
    for column in ("outdated", "deaths", "thumbnail_key"):
        op.drop_column("files", column)
