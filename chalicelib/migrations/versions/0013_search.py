"""What files are found by, and indexes for lists of each type, status and mismatch in each order.

Columns are only added, all of them nullable, so the code before this version works on. Files without terms are
found by their names alone; the sweep stores the terms of those that older code has stored. A trigger clears what
such code makes stale: code that knows the terms stores the file's new version in `search_version`.

The indexes of a list's order by name and by time hold the normalized name as well, and replace those without it.
The indexes that only code from before 0004 used are dropped. All of this is done beside running requests. It takes
about half a minute for a million files, and then the sweep about ten minutes for their terms.
"""

from alembic import op

from chalicelib.migrations.indexes import build_index, drop_index

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ADD_COLUMNS = """
ALTER TABLE files
    ADD COLUMN IF NOT EXISTS search_name text COLLATE "C",
    ADD COLUMN IF NOT EXISTS search_terms integer[],
    ADD COLUMN IF NOT EXISTS search_words tsvector,
    ADD COLUMN IF NOT EXISTS search_version integer
"""

CLEAR_STALE_TERMS = """
CREATE OR REPLACE FUNCTION clear_stale_search_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.name <> OLD.name THEN
        NEW.search_name := NULL;
    END IF;
    NEW.search_terms := NULL;
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER clear_stale_search_terms BEFORE UPDATE ON files
FOR EACH ROW WHEN (
    NEW.search_name IS NOT NULL
    AND NEW.search_version IS NOT DISTINCT FROM OLD.search_version
    AND (
        NEW.name <> OLD.name
        OR (NEW.processed_at IS NOT NULL AND NEW.processed_at IS DISTINCT FROM OLD.processed_at)
    )
) EXECUTE FUNCTION clear_stale_search_terms()
"""

ADD_STATISTICS = "CREATE STATISTICS IF NOT EXISTS files_family ON split_part(detected_type, '/', 1) FROM files"
"""PostgreSQL uses none of a partial index, and would expect one file in 200 of each family."""

TIME = "coalesce(uploaded_at, created_at)"
SIZE = "coalesce(size, -1)"
FAMILY = "split_part(detected_type, '/', 1)"
HAS_TYPE = "detected_type IS NOT NULL"
ENDED_BADLY = "status IN ('failed', 'rejected', 'expired')"

INDEXES = {
    "files_in_order_of_time": f"(owner, {TIME}, id) INCLUDE (uploaded_at, created_at, search_name)",
    "files_in_order_of_name": "(owner, name, id) INCLUDE (search_name)",
    "files_of_type_by_time": f"(owner, detected_type, {TIME}, id) WHERE {HAS_TYPE}",
    "files_of_type_by_name": f"(owner, detected_type, name, id) WHERE {HAS_TYPE}",
    "files_of_type_by_size": f"(owner, detected_type, {SIZE}, id) WHERE {HAS_TYPE}",
    "files_of_family_by_time": f"(owner, {FAMILY}, {TIME}, id) WHERE {HAS_TYPE}",
    "files_of_family_by_name": f"(owner, {FAMILY}, name, id) WHERE {HAS_TYPE}",
    "files_of_family_by_size": f"(owner, {FAMILY}, {SIZE}, id) WHERE {HAS_TYPE}",
    "files_mismatched_by_name": "(owner, name, id) WHERE mismatch",
    "files_mismatched_by_size": f"(owner, {SIZE}, id) WHERE mismatch",
    "files_ended_badly_by_name": f"(owner, status, name, id) WHERE {ENDED_BADLY}",
    "files_ended_badly_by_size": f"(owner, status, {SIZE}, id) WHERE {ENDED_BADLY}",
    "files_by_terms": (
        "USING gin (search_terms) WITH (gin_pending_list_limit = 256) WHERE search_terms IS NOT NULL"
    ),
    "files_by_words": (
        "USING gin (search_words) WITH (gin_pending_list_limit = 256) WHERE search_words IS NOT NULL"
    ),
    "files_without_terms": "(owner, id) WHERE search_terms IS NULL",
}
"""A type and terms are known after processing, so a file is in their indexes only then: otherwise each of its
versions would be written into them."""

REPLACED = ("files_listed_by_time", "files_by_name", "files_by_time", "files_by_size", "files_by_status")


def upgrade() -> None:
    op.execute(ADD_COLUMNS)
    op.execute(CLEAR_STALE_TERMS)
    op.execute(ADD_STATISTICS)
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            build_index(name, definition)
        for name in REPLACED:
            drop_index(name)


def downgrade() -> None:
    raise NotImplementedError("The code of version 0012 works on this schema; there is no way back.")
