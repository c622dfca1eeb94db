"""Conditions and changes that several statements share."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func

from chalicelib.adapters.postgres.tables import files
from chalicelib.core.statuses import Status

WAITS = files.c.status.in_([Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED])
"""An event would begin processing, and has nobody's lease to respect."""

IS_DONE = files.c.status.in_([Status.PROCESSED, Status.FAILED])

IS_QUEUED = files.c.status.in_([Status.UPLOADED, Status.PROCESSING])

QUEUED_AGAIN: dict[str, Any] = {
    "queued_at": func.now(),
    "attempts_before": files.c.attempts,
    "deaths": 0,
    "processed_at": None,
    "error_code": None,
    "error_message": None,
}
"""What begins a new round of attempts. The number of attempts itself only grows, because it is the fence."""

REOPENED: dict[str, Any] = {
    **QUEUED_AGAIN,
    "status": Status.UPLOADED,
    "status_since": func.now(),
    "version": files.c.version + 1,
}


def lease_ran_out() -> ColumnElement[bool]:
    return and_(files.c.status == Status.PROCESSING, files.c.lease_until < func.now())
