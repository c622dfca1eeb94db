"""A table of slots: a long poll that waits holds one, so that their number is limited over all containers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SLOTS = 1000
"""The setting MAX_LONG_POLLS can't be higher."""


def upgrade() -> None:
    op.create_table(
        "long_poll_slots",
        sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column(
            "leased_until", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("'-infinity'")
        ),
    )
    op.execute(
        sa.text("INSERT INTO long_poll_slots (slot) SELECT generate_series(1, :slots)").bindparams(slots=SLOTS)
    )


def downgrade() -> None:
    op.drop_table("long_poll_slots")
