"""The statement that records a dead letter."""

from sqlalchemy import Executable, case, func, insert, literal, select, update

from chalicelib.adapters.postgres.fragments import IS_CLAIMABLE_BY_EVENT
from chalicelib.adapters.postgres.tables import files, history
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.files.statuses import Status

EPOCH = func.to_timestamp(0)
"""Longer ago than any grace period of `ProcessingQueue.overdue`. When the file was queued is in `queued_at`."""


def record_dead_letter(object_key: str, reason: str) -> Executable:
    """Return the statement that adds the dead letter to the history of the file with this key, if there is one,
    and makes the file overdue if it waits."""
    has_key = files.c.object_key == object_key
    overdue = (
        update(files)
        .where(has_key, IS_CLAIMABLE_BY_EVENT)
        .values(
            status=Status.UPLOADED,
            status_since=EPOCH,
            uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
            queued_at=func.coalesce(files.c.queued_at, func.now()),
            version=case((files.c.status == Status.UPLOADED, files.c.version), else_=files.c.version + 1),
        )
        .cte("overdue")
    )
    entry = select(
        files.c.id,
        files.c.owner,
        literal(HistoryEventType.DEAD_LETTER.value),
        literal({"reason": reason}, history.c.detail.type),
    ).where(has_key)
    return insert(history).from_select(["file_id", "owner", "type", "detail"], entry).add_cte(overdue)
