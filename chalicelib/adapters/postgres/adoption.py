"""Give a row to an object under `uploads/` that has none."""

from chalicelib.adapters.postgres.conditions import BLOCKS_ADOPTION, REPLACE_TOMBSTONE, insertion
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.mapping import NEW_FILE, error_columns, new_file_parameters
from chalicelib.adapters.postgres.quotas import NewRow, SameFile, try_to_add
from chalicelib.adapters.postgres.usage import parse_usage
from chalicelib.core.files.model import Failure, NewFile
from chalicelib.core.limits.check_quotas import find_exceeded, reject
from chalicelib.core.limits.model import Quotas

ADOPTED = {**NEW_FILE, "status": "'uploaded'", "uploaded_at": "now()", "queued_at": "now()"}

REJECTED = {
    **ADOPTED,
    "status": "'rejected'",
    "processed_at": "now()",
    "mismatch": "false",
    "error_code": "%(error_code)s",
    "error_message": "%(error_message)s",
}

UNLESS_BLOCKED = f"WHERE NOT EXISTS (SELECT FROM tombstones WHERE {BLOCKS_ADOPTION}) ON CONFLICT DO NOTHING"

ADOPT = f"INSERT INTO files {insertion(ADOPTED)} {UNLESS_BLOCKED}"

ADOPT_REJECTED = f"""
WITH added AS (
    INSERT INTO files {insertion(REJECTED)} {UNLESS_BLOCKED}
    RETURNING object_key, id, owner
)
INSERT INTO tombstones (object_key, file_id, owner)
SELECT object_key, id, owner FROM added
{REPLACE_TOMBSTONE}
"""


def adopt(database: Database, file: NewFile, quotas: Quotas) -> None:
    """Add a row for the object, unless its key has one or was a deleted file's. One statement.

    Raises RejectedContentError: REJECTED_OVER_QUOTA. ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
    """
    needs = quotas.needs_of_new_file(file.size)
    if not needs:
        database.execute(ADOPT, new_file_parameters(file))
        return
    row = try_to_add(database, NewRow(ADOPTED, new_file_parameters(file), needs, SameFile.BY_OBJECT_KEY))
    if row.id is None and row.used_files is not None:
        exceeded = find_exceeded(parse_usage(row), needs)
        if exceeded:
            reject(parse_usage(row), exceeded, file.size)


def adopt_rejected(database: Database, file: NewFile, failure: Failure) -> None:
    """Add a row in `rejected` for the object, and a tombstone, unless its key has a row or was a deleted file's.
    One statement. Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE."""
    database.execute(ADOPT_REJECTED, new_file_parameters(file) | error_columns(failure))
