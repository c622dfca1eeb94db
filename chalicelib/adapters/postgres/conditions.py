"""Conditions and assignments that several statements share, in SQL. Each `%(name)s` is a parameter."""

from typing import Any
from uuid import UUID

from chalicelib.core.accounts.model import AllOwners, Owners

IS_CLAIMABLE_BY_EVENT = "files.status IN ('awaiting_upload', 'uploaded', 'expired')"
"""Any event for the file begins processing; no worker holds a lease."""

IS_AWAITING_BYTES = "files.status IN ('awaiting_upload', 'expired')"

IS_DONE = "files.status IN ('processed', 'failed')"

IS_QUEUED = "files.status IN ('uploaded', 'processing')"

LEASE_EXPIRED = "(files.status = 'processing' AND files.lease_until < now())"

RESET_ROUND = {
    "queued_at": "now()",
    "attempts_before": "files.attempts",
    "deaths": "0",
    "changed_to": "NULL",
    "processed_at": "NULL",
    "error_code": "NULL",
    "error_message": "NULL",
}
"""Begins a new round of attempts, as SQL by the column. The number of attempts itself only grows, because it is
the fencing number."""

REQUEUED = {
    **RESET_ROUND,
    "status": "'uploaded'",
    "status_since": "now()",
    "lease_until": "NULL",
    "version": "files.version + 1",
}
"""All columns that change when a finished file is queued again, at a request or because its object was replaced.
Every statement that does so uses all of them."""


def assignments(values: dict[str, str]) -> str:
    """Return what follows SET in an UPDATE."""
    return ", ".join(f"{column} = {value}" for column, value in values.items())


def belongs_to(owners: Owners, column: str = "files.owner") -> str:
    """Return the condition that this column, an owner's name, is one of the owners: the parameter `owner`."""
    return "true" if isinstance(owners, AllOwners) else f"{column} = %(owner)s"


def owner_parameter(owners: Owners) -> dict[str, Any]:
    """Return the parameter of `belongs_to`."""
    return {} if isinstance(owners, AllOwners) else {"owner": owners}


def owned(owners: Owners, file_id: UUID) -> tuple[str, dict[str, Any]]:
    """Return the condition that it is this file, of one of the owners, and its parameters."""
    return f"{belongs_to(owners)} AND files.id = %(id)s", {**owner_parameter(owners), "id": file_id}
