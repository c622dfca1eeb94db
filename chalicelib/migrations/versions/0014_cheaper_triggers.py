"""Triggers that run for fewer updates of files, and an index that nothing reads any more.

Each UPDATE of a file ran a function that counted its owner's files and bytes again, although most change neither.
It is called for a row now whose size or owner changes, or whose status begins or ceases to count. A statement that
changes files of several owners changes their counters in the order of its rows: such statements of the service
change nothing that counts.

The trigger that clears a stale mismatch was for code from before 0004, and so is the index `files_unfinished` for
code from before 0009. The code before this version needs neither, and works on.

The table is locked for milliseconds, in which no row is read; the index is dropped beside running requests.
"""

from alembic import op

from chalicelib.migrations.indexes import drop_index

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ADD = """
ON CONFLICT (owner) DO UPDATE SET
    files = usage.files + excluded.files,
    bytes = usage.bytes + excluded.bytes,
    day = greatest(usage.day, excluded.day),
    files_today = CASE WHEN usage.day < excluded.day THEN 0 ELSE usage.files_today END + excluded.files_today,
    bytes_today = CASE WHEN usage.day < excluded.day THEN 0 ELSE usage.bytes_today END + excluded.bytes_today
"""

COUNT_UPDATE = f"""
CREATE OR REPLACE FUNCTION count_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
    SELECT owner, sum(sign * counts), sum(sign * counts * size), (now() AT TIME ZONE 'UTC')::date,
        0, greatest(sum(sign * size), 0)
    FROM (
        VALUES
            (NEW.owner, 1, (NEW.status NOT IN ('expired', 'rejected'))::int, coalesce(NEW.size, 0)),
            (OLD.owner, -1, (OLD.status NOT IN ('expired', 'rejected'))::int, coalesce(OLD.size, 0))
    ) AS changed (owner, sign, counts, size)
    GROUP BY owner
    HAVING sum(sign * counts) <> 0 OR sum(sign * counts * size) <> 0 OR sum(sign * size) > 0
    ORDER BY owner
    {ADD};
    RETURN NULL;
END
$$
"""  # noqa: S608  # no input

COUNT_INSERT_AND_DELETE = f"""
CREATE OR REPLACE FUNCTION count_usage() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'UTC')::date;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
        SELECT owner, count(*), coalesce(sum(size), 0), today, count(*), coalesce(sum(size), 0)
        FROM inserted WHERE status NOT IN ('expired', 'rejected') GROUP BY owner ORDER BY owner
        {ADD};
    ELSE
        INSERT INTO usage (owner, files, bytes, day, files_today, bytes_today)
        SELECT owner, -count(*), -coalesce(sum(size), 0), today, 0, 0
        FROM deleted WHERE status NOT IN ('expired', 'rejected') GROUP BY owner ORDER BY owner
        {ADD};
    END IF;
    RETURN NULL;
END
$$
"""  # noqa: S608  # no input

TRIGGER = """
CREATE OR REPLACE TRIGGER count_updated AFTER UPDATE ON files
FOR EACH ROW WHEN (
    NEW.size IS DISTINCT FROM OLD.size
    OR NEW.owner <> OLD.owner
    OR (NEW.status IN ('expired', 'rejected')) <> (OLD.status IN ('expired', 'rejected'))
) EXECUTE FUNCTION count_update()
"""

DROP_STALE_MISMATCH = """
DROP TRIGGER IF EXISTS clear_stale_mismatch ON files;
DROP FUNCTION IF EXISTS clear_stale_mismatch();
"""


def upgrade() -> None:
    op.execute(DROP_STALE_MISMATCH)  # takes the strongest lock, and so is the first
    op.execute(COUNT_UPDATE)
    op.execute(TRIGGER)
    op.execute(COUNT_INSERT_AND_DELETE)
    with op.get_context().autocommit_block():
        drop_index("files_unfinished")


def downgrade() -> None:
    raise NotImplementedError("The code of version 0013 works on this schema; there is no way back.")
