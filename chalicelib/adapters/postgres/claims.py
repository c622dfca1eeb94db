"""The statement that begins processing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Executable,
    Row,
    and_,
    case,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from chalicelib.adapters.postgres.fragments import (
    IS_CLAIMABLE_BY_EVENT,
    IS_DONE,
    RESET_ROUND,
    lease_expired,
    typed,
)
from chalicelib.adapters.postgres.mapping import to_file
from chalicelib.adapters.postgres.tables import files, history
from chalicelib.core.changes.history import HistoryEventType
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files.model import File
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.object_ref import ObjectRef


def claim(ref: ObjectRef, lease: timedelta) -> Executable:
    """Return the statement that claims the file of this key, or, if another worker holds the lease, stores the new
    object's ETag in `pending_etag`. `parse_claim` distinguishes the two cases, claimed and leased by another. The
    event is also added to the history.

    Both are one UPDATE: if it has to wait for another one on the same row, such as the other worker's finish,
    PostgreSQL evaluates the condition and the values again, on the row as that one has left it. Two UPDATEs would
    each use what they saw first, and an event between the two would be lost.
    """
    has_key = files.c.object_key == ref.key
    claimable = or_(IS_CLAIMABLE_BY_EVENT, lease_expired(), and_(IS_DONE, _is_new_object(ref)))
    # Only a finished file (IS_DONE) begins a new round. Any other keeps its round: there the last three columns
    # differ from RESET_ROUND's.
    values_if_claimed: dict[str, Any] = {
        **RESET_ROUND,
        "status": Status.PROCESSING,
        "status_since": func.now(),
        "attempts": files.c.attempts + 1,
        "lease_until": func.now() + lease,
        "uploaded_at": func.coalesce(files.c.uploaded_at, func.now()),
        "version": files.c.version + 1,
        "queued_at": case((IS_DONE, func.now()), else_=func.coalesce(files.c.queued_at, func.now())),
        "attempts_offset": case((IS_DONE, files.c.attempts), else_=files.c.attempts_offset),
        "worker_crashes": case((IS_DONE, 0), else_=files.c.worker_crashes + case((lease_expired(), 1), else_=0)),
    }
    values_if_leased: dict[str, Any] = {"pending_etag": ref.etag}
    statement = (
        update(files)
        .where(has_key, or_(claimable, _replaces_claimed_object(ref)))
        .values(
            {
                name: case(
                    (claimable, typed(name, values_if_claimed.get(name, files.c[name]))),
                    else_=typed(name, values_if_leased.get(name, files.c[name])),
                )
                for name in values_if_claimed | values_if_leased
            }
            | {"sequencer": func.greatest(files.c.sequencer, ref.sequencer)}
        )
        .returning(files)
    )
    return statement if ref.sequencer is None else statement.add_cte(_insert_event(ref, has_key))


def parse_claim(rows: Sequence[Row[Any]]) -> File | None:
    """Return the file if the statement has claimed it: then no pending ETag is stored in its row."""
    return to_file(rows[0]) if rows and rows[0].changed_to is None else None


def _is_new_object(ref: ObjectRef) -> ColumnElement[bool]:
    """Return the condition that the row has another ETag, or failed with object_missing, and no event is newer.

    The same sequencer again is a duplicate, except where an emulator gives all events the same.
    """
    if ref.etag is None:
        return false()
    was_missing = files.c.error_code == OBJECT_MISSING.code
    differs = or_(files.c.etag.is_distinct_from(ref.etag), func.coalesce(was_missing, False))
    if ref.sequencer is None:
        return differs
    is_later = or_(files.c.sequencer.is_(None), files.c.sequencer < ref.sequencer)
    is_indistinguishable = and_(files.c.sequencer == ref.sequencer, files.c.etag.is_not(None))
    return and_(differs, or_(is_later, is_indistinguishable))


def _replaces_claimed_object(ref: ObjectRef) -> ColumnElement[bool]:
    """Return the condition that another worker holds the lease, and no event is newer."""
    if ref.etag is None:
        return false()
    leased = and_(files.c.status == Status.PROCESSING, ~lease_expired())
    if ref.sequencer is None:
        return leased
    return and_(leased, or_(files.c.sequencer.is_(None), files.c.sequencer <= ref.sequencer))


def _insert_event(ref: ObjectRef, has_key: ColumnElement[bool]) -> CTE:
    fields = {"etag": ref.etag, "size": ref.size, "sequencer": ref.sequencer}
    detail = {name: value for name, value in fields.items() if value is not None}
    event = select(
        files.c.id, files.c.owner, literal(HistoryEventType.EVENT.value), literal(detail, history.c.detail.type)
    ).where(has_key)
    return insert(history).from_select(["file_id", "owner", "type", "detail"], event).cte("inserted_event")
