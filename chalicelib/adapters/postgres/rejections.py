"""The statements that reject a file and add a tombstone, because its object is to be deleted."""

from chalicelib.adapters.postgres.columns import file_columns
from chalicelib.adapters.postgres.conditions import REPLACE_TOMBSTONE, STILL_CLAIMED, assignments, move_to
from chalicelib.adapters.postgres.outcomes import OUTCOME, SCAN, UNSEARCHED
from chalicelib.core.files.statuses import Status

REJECTED = {
    **move_to(Status.REJECTED),
    **OUTCOME,
    **UNSEARCHED,
    "changed_to": "NULL",
    "thumbnail_key": "NULL",
    "mismatch": "false",
}
"""What changes when a file is rejected. The parameters are those of `outcome_parameters`."""


def reject(update: str, *more_columns: str) -> str:
    """Return the statement that rejects the file of this UPDATE, adds its tombstone, and returns the file, and
    these other columns. The UPDATE returns them and all columns of the file."""
    columns = ", ".join([file_columns("rejected"), *(f"rejected.{column}" for column in more_columns)])
    return f"""
WITH rejected AS ({update}),
tombstone AS (
    INSERT INTO tombstones (object_key, file_id, owner)
    SELECT object_key, id, owner FROM rejected
    {REPLACE_TOMBSTONE}
)
SELECT {columns} FROM rejected
"""


REJECT_CLAIMED = reject(f"UPDATE files SET {assignments(REJECTED)} WHERE {STILL_CLAIMED} RETURNING files.*")

REJECT_CLAIMED_INFECTED = reject(
    f"""
    UPDATE files
    SET {assignments({**REJECTED, **SCAN})}
    WHERE {STILL_CLAIMED}
    RETURNING files.*
    """
)
