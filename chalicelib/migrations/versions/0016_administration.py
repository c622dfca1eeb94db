"""The record of the last sweep, and an index by which failures are counted.

A new table, which the code before this version doesn't know. The index is built beside running requests, and has
only files that have failed, were rejected or have expired.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chalicelib.migrations.indexes import build_index

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

ENDED_BADLY = "(processed_at) INCLUDE (status, error_code) WHERE status IN ('failed', 'rejected', 'expired')"


def upgrade() -> None:
    op.create_table(
        "last_sweep",
        sa.Column("is_last", sa.Boolean, primary_key=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("duration", sa.Interval, nullable=False),
        sa.Column("ended", sa.Text, nullable=False),
        sa.Column("outcomes", JSONB, nullable=False),
        sa.CheckConstraint("is_last", name="last_sweep_check"),
        if_not_exists=True,
    )
    with op.get_context().autocommit_block():
        build_index("files_ended_badly_by_time", ENDED_BADLY)


def downgrade() -> None:
    raise NotImplementedError("The code of version 0014 works on this schema; there is no way back.")
