"""An index of the files that wait to be processed, without those that await their bytes.

An upload may take a week, so there may be many rows that await their bytes. The sweep, which looks for overdue
files every minute, would read all of them: they are in `files_unfinished`, which only older code uses.
"""

from alembic import op

from chalicelib.migrations.indexes import build_index

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        build_index("files_queued", "(status_since) WHERE status IN ('uploaded', 'processing')")


def downgrade() -> None:
    raise NotImplementedError("The code of version 0008 works on this schema; there is no way back.")
