"""Conditions and assignments that several statements share, in SQL. Each `%(name)s` is a parameter."""

from typing import Any
from uuid import UUID

from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.model import File
from chalicelib.core.files.object_keys import UPLOADS_PREFIX
from chalicelib.core.files.statuses import Status

IS_CLAIMABLE_BY_EVENT = "files.status IN ('awaiting_upload', 'uploaded', 'expired')"
"""Any event for the file begins processing; no worker holds a lease."""

IS_AWAITING_BYTES = "files.status IN ('awaiting_upload', 'expired')"

IS_DONE = "files.status IN ('processed', 'failed')"

IS_QUEUED = "files.status IN ('uploaded', 'processing')"

LEASE_EXPIRED = "(files.status = 'processing' AND files.lease_until < now())"

STILL_CLAIMED = """
files.id = %(id)s AND files.owner = %(owner)s AND files.status = 'processing' AND files.attempts = %(attempts)s
"""
"""The row is still claimed, by the attempt that got the file of `claim_parameters` (fencing)."""

BLOCKS_ADOPTION = f"""(
    tombstones.object_key = %(object_key)s
    AND (tombstones.cleared_at IS NULL
        OR starts_with(tombstones.object_key, concat('{UPLOADS_PREFIX}', tombstones.file_id, '/')))
)"""
"""By a tombstone, an object with this key isn't new: the key is its file's own, which is never used again, or its
object isn't deleted yet."""

REPLACE_TOMBSTONE = """
ON CONFLICT (object_key) DO UPDATE SET
    file_id = excluded.file_id,
    owner = excluded.owner,
    multipart_upload_id = excluded.multipart_upload_id,
    deleted_at = now(),
    cleared_at = NULL
"""
"""Ends an INSERT of tombstones. A key may have one already: another tool may put an object under it again after an
earlier one was deleted."""

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


def move_to(status: Status) -> dict[str, str]:
    """Return what changes when a file moves to this status, and its lease ends."""
    return {
        "status": f"'{status}'",
        "status_since": "now()",
        "lease_until": "NULL",
        "version": "files.version + 1",
    }


REQUEUED = {**RESET_ROUND, **move_to(Status.UPLOADED)}
"""All columns that change when a finished file is queued again, at a request or because its object was replaced.
Every statement that does so uses all of them."""


def assignments(values: dict[str, str]) -> str:
    """Return what follows SET in an UPDATE."""
    return ", ".join(f"{column} = {value}" for column, value in values.items())


def insertion(values: dict[str, str]) -> str:
    """Return what follows the table in an INSERT. A FROM or WHERE may be added."""
    return f"({', '.join(values)}) SELECT {', '.join(values.values())}"


def belongs_to(owners: Owners, column: str = "files.owner") -> str:
    """Return the condition that this column, an owner's name, is one of the owners: the parameter `owner`."""
    return "true" if isinstance(owners, AllOwners) else f"{column} = %(owner)s"


def owner_parameter(owners: Owners) -> dict[str, Any]:
    """Return the parameter of `belongs_to`."""
    return {} if isinstance(owners, AllOwners) else {"owner": owners}


def owned(owners: Owners, file_id: UUID) -> tuple[str, dict[str, Any]]:
    """Return the condition that it is this file, of one of the owners, and its parameters."""
    return f"{belongs_to(owners)} AND files.id = %(id)s", {**owner_parameter(owners), "id": file_id}


def claim_parameters(claimed: File) -> dict[str, Any]:
    """Return the parameters of `STILL_CLAIMED`."""
    return {"id": claimed.id, "owner": claimed.owner, "attempts": claimed.attempts}
