"""The statement by which a row takes note that an event was given up."""

from sqlalchemy import Executable, case, func, insert, literal, select, update

from chalicelib.adapters.postgres.steps import WAITS
from chalicelib.adapters.postgres.tables import files, history
from chalicelib.core.history import Happening
from chalicelib.core.statuses import Status

LONG_AGO = func.to_timestamp(0)
"""Longer than `Work.overdue` is ever asked to wait. Since when the file is queued, `queued_at` says."""


def note(object_key: str, reason: str) -> Executable:
    """Return the statement that adds the dead letter to the history of the file with this key, if there is one,
    and makes the file due if it waits."""
    key = files.c.object_key == object_key
    due = (
        update(files)
        .where(key, WAITS)
        .values(
            status=Status.UPLOADED,
            status_since=LONG_AGO,
            uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
            queued_at=func.coalesce(files.c.queued_at, func.now()),
            version=case((files.c.status == Status.UPLOADED, files.c.version), else_=files.c.version + 1),
        )
        .cte("due")
    )
    entry = select(
        files.c.id,
        files.c.owner,
        literal(Happening.DEAD_LETTER.value),
        literal({"reason": reason}, history.c.detail.type),
    ).where(key)
    return insert(history).from_select(["file_id", "owner", "kind", "detail"], entry).add_cte(due)
