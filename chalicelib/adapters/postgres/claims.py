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

from chalicelib.adapters.postgres.rows import file_of
from chalicelib.adapters.postgres.steps import IS_DONE, QUEUED_AGAIN, WAITS, lease_ran_out
from chalicelib.adapters.postgres.tables import files, history
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.files import File
from chalicelib.core.history import Happening
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status


def claim(created: CreatedObject, lease: timedelta) -> Executable:
    """Return the statement that claims the file of this key, or, if somebody else is at it, notes which object
    lies there now. `claimed_by` tells which. The event is written into the history, too.

    Both are one UPDATE: if it has to wait for another one on the same row, such as the other worker's finish,
    PostgreSQL judges the condition and the values anew, on the row as that one has left it. Two UPDATEs would each
    be judged by what they saw first, and an event between the two be lost.
    """
    key = files.c.object_key == created.key
    claimable = or_(WAITS, lease_ran_out(), and_(IS_DONE, _is_news(created)))
    claimed: dict[str, Any] = {
        **QUEUED_AGAIN,
        "status": Status.PROCESSING,
        "status_since": func.now(),
        "attempts": files.c.attempts + 1,
        "lease_until": func.now() + lease,
        "uploaded_at": func.coalesce(files.c.uploaded_at, func.now()),
        "version": files.c.version + 1,
        "changed_to": None,
        "queued_at": case((IS_DONE, func.now()), else_=func.coalesce(files.c.queued_at, func.now())),
        "attempts_before": case((IS_DONE, files.c.attempts), else_=files.c.attempts_before),
        "deaths": case((IS_DONE, 0), else_=files.c.deaths + case((lease_ran_out(), 1), else_=0)),
    }
    noted: dict[str, Any] = {"changed_to": created.etag}
    statement = (
        update(files)
        .where(key, or_(claimable, _is_notable(created)))
        .values(
            {
                name: case((claimable, _typed(name, value)), else_=_typed(name, noted.get(name, files.c[name])))
                for name, value in claimed.items()
            }
            | {"sequencer": func.greatest(files.c.sequencer, created.sequencer)}
        )
        .returning(files)
    )
    return statement if created.sequencer is None else statement.add_cte(_written_down(created, key))


def claimed_by(rows: Sequence[Row[Any]]) -> File | None:
    """Return the file if the statement has claimed it: then nothing is noted on its row."""
    return file_of(rows[0]) if rows and rows[0].changed_to is None else None


def _is_news(created: CreatedObject) -> ColumnElement[bool]:
    """Tell whether the row doesn't know of this object yet, or missed it, and it isn't one of an older event.

    The same sequencer again is a duplicate, except where an emulator gives all events the same.
    """
    if created.etag is None:
        return false()
    missed = files.c.error_code == OBJECT_MISSING.code
    another = or_(files.c.etag.is_distinct_from(created.etag), func.coalesce(missed, False))
    if created.sequencer is None:
        return another
    later = or_(files.c.sequencer.is_(None), files.c.sequencer < created.sequencer)
    not_told_apart = and_(files.c.sequencer == created.sequencer, files.c.etag.is_not(None))
    return and_(another, or_(later, not_told_apart))


def _is_notable(created: CreatedObject) -> ColumnElement[bool]:
    """Tell whether somebody else is at the file, and this isn't an older event."""
    if created.etag is None:
        return false()
    busy = and_(files.c.status == Status.PROCESSING, ~lease_ran_out())
    if created.sequencer is None:
        return busy
    return and_(busy, or_(files.c.sequencer.is_(None), files.c.sequencer <= created.sequencer))


def _typed(name: str, value: Any) -> Any:
    return value if isinstance(value, ColumnElement) else literal(value, files.c[name].type)


def _written_down(created: CreatedObject, key: ColumnElement[bool]) -> CTE:
    told = {"etag": created.etag, "size": created.size, "sequencer": created.sequencer}
    detail = {name: value for name, value in told.items() if value is not None}
    event = select(
        files.c.id, files.c.owner, literal(Happening.EVENT.value), literal(detail, history.c.detail.type)
    ).where(key)
    return insert(history).from_select(["file_id", "owner", "kind", "detail"], event).cte("written_down")
