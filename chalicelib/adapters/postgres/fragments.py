"""Conditions and sets of values that several statements share."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, func, literal, null, true

from chalicelib.adapters.postgres.tables import files
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.statuses import Status

IS_CLAIMABLE_BY_EVENT = files.c.status.in_([Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED])
"""Any event for the file begins processing; no worker holds a lease."""

IS_AWAITING_BYTES = files.c.status.in_([Status.AWAITING_UPLOAD, Status.EXPIRED])

IS_DONE = files.c.status.in_([Status.PROCESSED, Status.FAILED])

IS_QUEUED = files.c.status.in_([Status.UPLOADED, Status.PROCESSING])

RESET_ROUND: dict[str, Any] = {
    "queued_at": func.now(),
    "attempts_offset": files.c.attempts,
    "worker_crashes": 0,
    "pending_etag": None,
    "processed_at": None,
    "error_code": None,
    "error_message": None,
}
"""Begins a new round of attempts. The number of attempts itself only grows, because it is the fencing number."""

REQUEUED: dict[str, Any] = {
    **RESET_ROUND,
    "status": Status.UPLOADED,
    "status_since": func.now(),
    "lease_until": None,
    "version": files.c.version + 1,
}
"""All columns that change when a finished file is queued again, at a request or because its object was replaced.
Every statement that does so uses all of them."""


def belongs_to(owners: Owners, owner: ColumnElement[str] = files.c.owner) -> ColumnElement[bool]:
    """Return the condition that this column, an owner's name, is one of the owners."""
    return true() if isinstance(owners, AllOwners) else owner == owners


def owned(owners: Owners, file_id: UUID) -> ColumnElement[bool]:
    return and_(belongs_to(owners), files.c.id == file_id)


def lease_expired() -> ColumnElement[bool]:
    return and_(files.c.status == Status.PROCESSING, files.c.lease_until < func.now())


def typed(name: str, value: Any) -> Any:
    """Return the value as an expression of the column's type, as a CASE needs it."""
    if value is None:
        return cast(null(), files.c[name].type)
    return value if isinstance(value, ColumnElement) else literal(value, files.c[name].type)
