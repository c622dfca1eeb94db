"""What each owner has stored, and the rates of requests.

Triggers keep `usage`, whatever changes `files`: the code before this version is counted, too. They are functions
of the statement, not of its rows, and change the owners in one order, so that two statements can't deadlock. A
file counts unless it is `expired` or `rejected`; its bytes count as soon as its size is known. What is added on a
day (UTC) is never subtracted from that day's numbers.

The files that there were before the triggers are added without a lock that a request notices. One statement, which
sees one moment, computes what is missing for each owner; the triggers change both sides of that difference alike,
so it stays right while others write, and is added in batches. A run that was interrupted begins again, and
computes what is still missing. The numbers of the day of the upgrade begin with it.

`request_rates` is unlogged: PostgreSQL empties it when it crashes, and all rates start anew.
https://www.postgresql.org/docs/current/sql-createtable.html
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BATCH = 1000
"""Owners that one statement adds the missing numbers of. Their uploads wait for it, for milliseconds."""

CREATE_TABLES = """
CREATE TABLE IF NOT EXISTS usage (
    owner text PRIMARY KEY,
    files bigint NOT NULL,
    bytes bigint NOT NULL,
    day date NOT NULL,
    files_today bigint NOT NULL,
    bytes_today bigint NOT NULL
);

CREATE UNLOGGED TABLE IF NOT EXISTS request_rates (
    owner text PRIMARY KEY,
    full_at timestamptz NOT NULL
);
"""

COUNTS = "status NOT IN ('expired', 'rejected')"

ADD = """
ON CONFLICT (owner) DO UPDATE SET
    files = usage.files + excluded.files,
    bytes = usage.bytes + excluded.bytes,
    day = greatest(usage.day, excluded.day),
    files_today = CASE WHEN usage.day < excluded.day THEN 0 ELSE usage.files_today END + excluded.files_today,
    bytes_today = CASE WHEN usage.day < excluded.day THEN 0 ELSE usage.bytes_today END + excluded.bytes_today
"""

FUNCTION = f"""
CREATE OR REPLACE FUNCTION count_usage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
        SELECT owner, count(*), coalesce(sum(size), 0), today, count(*), coalesce(sum(size), 0)
        FROM inserted WHERE {COUNTS} GROUP BY owner ORDER BY owner
        {ADD};
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
        SELECT owner, -count(*), -coalesce(sum(size), 0), today, 0, 0
        FROM deleted WHERE {COUNTS} GROUP BY owner ORDER BY owner
        {ADD};
    ELSE
        INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
        SELECT owner, sum(sign * counts), sum(sign * counts * size), today, 0, greatest(sum(sign * size), 0)
        FROM (
            SELECT owner, 1 AS sign, ({COUNTS})::int AS counts, coalesce(size, 0) AS size FROM updated_to
            UNION ALL
            SELECT owner, -1, ({COUNTS})::int, coalesce(size, 0) FROM updated_from
        ) AS changed
        GROUP BY owner
        HAVING sum(sign * counts) <> 0 OR sum(sign * counts * size) <> 0 OR sum(sign * size) > 0
        ORDER BY owner
        {ADD};
    END IF;
    RETURN NULL;
END
$$
"""  # noqa: S608  # no input

TRIGGERS = """
CREATE OR REPLACE TRIGGER count_inserted AFTER INSERT ON files
REFERENCING NEW TABLE AS inserted FOR EACH STATEMENT EXECUTE FUNCTION count_usage();

CREATE OR REPLACE TRIGGER count_updated AFTER UPDATE ON files
REFERENCING OLD TABLE AS updated_from NEW TABLE AS updated_to FOR EACH STATEMENT EXECUTE FUNCTION count_usage();

CREATE OR REPLACE TRIGGER count_deleted AFTER DELETE ON files
REFERENCING OLD TABLE AS deleted FOR EACH STATEMENT EXECUTE FUNCTION count_usage();
"""
"""They wait for the statements that write, for as long as runner.LOCK_TIMEOUT, and read no row."""

MISSING = f"""
SELECT owner, coalesce(stored.files, 0) - coalesce(usage.files, 0) AS files,
    coalesce(stored.bytes, 0) - coalesce(usage.bytes, 0) AS bytes
FROM (
    SELECT owner, count(*) AS files, coalesce(sum(size), 0)::bigint AS bytes
    FROM files WHERE {COUNTS} GROUP BY owner
) AS stored
FULL JOIN usage USING (owner)
WHERE (coalesce(stored.files, 0), coalesce(stored.bytes, 0))
    IS DISTINCT FROM (coalesce(usage.files, 0), coalesce(usage.bytes, 0))
ORDER BY owner
"""  # noqa: S608  # no input

ADD_MISSING = f"""
INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
SELECT owner, files, bytes, (now() AT TIME ZONE 'UTC')::date, 0, 0
FROM unnest(CAST(:owners AS text[]), CAST(:files AS bigint[]), CAST(:bytes AS bigint[]))
    AS missing (owner, files, bytes)
ORDER BY owner
{ADD}
"""  # noqa: S608  # no input


def upgrade() -> None:
    op.execute(CREATE_TABLES)
    op.execute(FUNCTION)
    op.execute(TRIGGERS)
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        missing = connection.execute(sa.text(MISSING)).all()
        for start in range(0, len(missing), BATCH):
            owners, files, sizes = zip(*missing[start : start + BATCH], strict=True)
            rows = {"owners": list(owners), "files": list(files), "bytes": list(sizes)}
            connection.execute(sa.text(ADD_MISSING), rows)


def downgrade() -> None:
    raise NotImplementedError("The code of version 0010 works on this schema; there is no way back.")
