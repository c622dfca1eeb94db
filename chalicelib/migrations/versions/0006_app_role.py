"""The role `file_loader_app`, with which the functions log in: it reads and writes rows, and can change no table.

A role belongs to the whole server, so another database's migration may have created it already. On RDS it logs in
with IAM tokens, as members of `rds_iam` must. Elsewhere it has no password, unless it was created with one before.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html

The code before this version logs in as the tables' owner, as migrations still do. Later migrations grant nothing
for the tables and sequences that they create: the default privileges do. No statement here waits for a row.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

CREATE_ROLE = """
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'file_loader_app') THEN
        BEGIN
            CREATE ROLE file_loader_app LOGIN;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- a migration of another database was faster
        END;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_iam') THEN
        GRANT rds_iam TO file_loader_app;
    END IF;
END
$$
"""

GRANTS = """
GRANT USAGE ON SCHEMA public TO file_loader_app;
GRANT SELECT, INSERT, UPDATE, DELETE
    ON files, tombstones, history, feeds, inventory, long_poll_slots, outdated TO file_loader_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO file_loader_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO file_loader_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO file_loader_app;
"""

REVOKES = """
DO $$
BEGIN
    REVOKE CREATE ON SCHEMA public FROM PUBLIC; -- before PostgreSQL 15 everybody had it
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO file_loader_app', current_database());
END
$$
"""


def upgrade() -> None:
    op.execute(CREATE_ROLE)
    op.execute(GRANTS)
    op.execute(REVOKES)


def downgrade() -> None:
    raise NotImplementedError("The code of version 0005 works on this schema; there is no way back.")
