"""The statement that begins processing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg2.extras import Json

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import (
    IS_CLAIMABLE_BY_EVENT,
    IS_DONE,
    LEASE_EXPIRED,
    RESET_ROUND,
    assignments,
)
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.core.files.model import File
from chalicelib.core.processing.object_ref import ObjectRef

IS_NEW_OBJECT = """(
    %(etag)s::text IS NOT NULL
    AND (files.etag IS DISTINCT FROM %(etag)s::text OR files.error_code IS NOT DISTINCT FROM 'object_missing')
    AND (
        %(sequencer)s::text IS NULL
        OR files.sequencer IS NULL
        OR files.sequencer < %(sequencer)s::text
        OR files.sequencer = %(sequencer)s::text AND files.etag IS NOT NULL
    )
)"""
"""The row has another ETag, or failed with object_missing, and no event is newer. The same sequencer again is a
duplicate, except where an emulator gives all events the same."""

REPLACES_CLAIMED_OBJECT = """(
    %(etag)s::text IS NOT NULL
    AND (
        %(sequencer)s::text IS NULL
        OR files.sequencer IS NULL
        OR files.sequencer <= %(sequencer)s::text
    )
)"""
"""Of a file that is leased: no event is newer."""

IS_LEASED = "(files.status = 'processing' AND files.lease_until >= now())"
"""Another worker holds the lease."""

CLAIMED = {
    **RESET_ROUND,
    "status": "'processing'",
    "status_since": f"CASE WHEN {IS_LEASED} THEN files.status_since ELSE now() END",
    "attempts": f"files.attempts + CASE WHEN {IS_LEASED} THEN 0 ELSE 1 END",
    "lease_until": f"CASE WHEN {IS_LEASED} THEN files.lease_until ELSE now() + %(lease)s END",
    "uploaded_at": "coalesce(files.uploaded_at, now())",
    "version": f"files.version + CASE WHEN {IS_LEASED} THEN 0 ELSE 1 END",
    "changed_to": f"CASE WHEN {IS_LEASED} THEN %(etag)s::text END",
    "sequencer": "greatest(files.sequencer, %(sequencer)s::text)",
    # Only a finished file begins a new round. Any other keeps its round.
    "queued_at": f"CASE WHEN {IS_DONE} THEN now() ELSE coalesce(files.queued_at, now()) END",
    "attempts_before": f"CASE WHEN {IS_DONE} THEN files.attempts ELSE files.attempts_before END",
    "deaths": f"CASE WHEN {IS_DONE} THEN 0 WHEN {LEASE_EXPIRED} THEN files.deaths + 1 ELSE files.deaths END",
}
"""What changes when the file is claimed. If another worker holds the lease, it stays as that one has claimed it,
apart from the new object's ETag and sequencer."""

# The planner takes no CASE apart. Of the same conditions joined by OR, it would compare each with each index.
CLAIM = f"""
UPDATE files
SET {assignments(CLAIMED)}
WHERE files.object_key = %(key)s
    AND CASE
        WHEN {IS_CLAIMABLE_BY_EVENT} OR {LEASE_EXPIRED} THEN true
        WHEN {IS_LEASED} THEN {REPLACES_CLAIMED_OBJECT}
        WHEN {IS_DONE} THEN {IS_NEW_OBJECT}
        ELSE false
    END
RETURNING {FILE_COLUMNS}, files.changed_to AS pending_etag
"""

RECORD_EVENT_AND_CLAIM = f"""
WITH inserted_event AS (
    INSERT INTO history (file_id, owner, kind, detail)
    SELECT id, owner, 'event', %(detail)s::jsonb FROM files WHERE object_key = %(key)s
)
{CLAIM}
"""


def claim(ref: ObjectRef, lease: timedelta) -> tuple[str, dict[str, Any]]:
    """Return the statement that claims the file of this key, or, if another worker holds the lease, stores the new
    object's ETag as the pending one, and the statement's parameters. `parse_claim` distinguishes the two cases,
    claimed and leased by another. The event is also added to the history.

    Both are one UPDATE: if it has to wait for another one on the same row, such as the other worker's finish,
    PostgreSQL evaluates the condition and the values again, on the row as that one has left it. Two UPDATEs would
    each use what they saw first, and an event between the two would be lost.
    """
    parameters = {"key": ref.key, "etag": ref.etag, "sequencer": ref.sequencer, "lease": lease}
    if ref.sequencer is None:
        return CLAIM, parameters
    fields = {"etag": ref.etag, "size": ref.size, "sequencer": ref.sequencer}
    detail = {name: value for name, value in fields.items() if value is not None}
    return RECORD_EVENT_AND_CLAIM, {**parameters, "detail": Json(detail)}


def parse_claim(rows: Sequence[Any]) -> File | None:
    """Return the file if the statement has claimed it: then no pending ETag is stored in its row."""
    return to_file(rows[0]) if rows and rows[0].pending_etag is None else None
