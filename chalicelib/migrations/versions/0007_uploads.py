"""Presigned and multipart uploads, and the metadata of files.

Columns are only added, all of them nullable, so the code before this version works on: its rows have null there.
No row is read or written in the transaction, and the indexes are built beside running requests.
"""

from alembic import op

from chalicelib.migrations.indexes import build_index

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ADD_COLUMNS = """
ALTER TABLE files
    ADD COLUMN IF NOT EXISTS metadata jsonb,
    ADD COLUMN IF NOT EXISTS multipart_upload_id text,
    ADD COLUMN IF NOT EXISTS part_size bigint,
    ADD COLUMN IF NOT EXISTS idempotency_key text,
    ADD COLUMN IF NOT EXISTS request_digest text,
    ADD COLUMN IF NOT EXISTS check_at timestamptz
"""


def upgrade() -> None:
    op.execute(ADD_COLUMNS)
    op.execute("ALTER TABLE tombstones ADD COLUMN IF NOT EXISTS multipart_upload_id text")
    with op.get_context().autocommit_block():
        build_index("files_idempotent", "(owner, idempotency_key) WHERE idempotency_key IS NOT NULL", unique=True)
        build_index("files_awaiting_upload", "(coalesce(check_at, expires_at)) WHERE status = 'awaiting_upload'")


def downgrade() -> None:
    raise NotImplementedError("The code of version 0006 works on this schema; there is no way back.")
