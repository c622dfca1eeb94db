"""The statement that begins processing."""

from datetime import timedelta

from sqlalchemy import CTE, ColumnElement, Executable, and_, case, func, insert, literal, or_, select, update

from chalicelib.adapters.postgres.steps import IS_DONE, QUEUED_AGAIN, WAITS, lease_ran_out
from chalicelib.adapters.postgres.tables import files, history
from chalicelib.core.errors import OBJECT_MISSING
from chalicelib.core.history import Happening
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status


def claim(created: CreatedObject, lease: timedelta) -> Executable:
    """Return the statement that claims the file of this key and returns its row, or none.

    In the same statement the event is written into the history, and a file that somebody else works on is told
    which object lies there now. Each of the three sees the row as it was before, so at most one changes it.
    """
    key = files.c.object_key == created.key
    statement = (
        update(files)
        .where(key, or_(WAITS, lease_ran_out(), and_(IS_DONE, _is_news(created))))
        .values(
            {
                "status": Status.PROCESSING,
                "status_since": func.now(),
                "attempts": files.c.attempts + 1,
                "lease_until": func.now() + lease,
                "uploaded_at": func.coalesce(files.c.uploaded_at, func.now()),
                "version": files.c.version + 1,
                "changed_to": None,
                "sequencer": func.greatest(files.c.sequencer, created.sequencer),
                **QUEUED_AGAIN,
                "queued_at": case((IS_DONE, func.now()), else_=func.coalesce(files.c.queued_at, func.now())),
                "attempts_before": case((IS_DONE, files.c.attempts), else_=files.c.attempts_before),
                "deaths": case((IS_DONE, 0), else_=files.c.deaths + case((lease_ran_out(), 1), else_=0)),
            }
        )
        .returning(files)
    )
    if created.etag is not None:
        statement = statement.add_cte(
            update(files)
            .where(key, files.c.status == Status.PROCESSING, ~lease_ran_out(), _is_not_older(created))
            .values(changed_to=created.etag, sequencer=func.greatest(files.c.sequencer, created.sequencer))
            .cte("noted")
        )
    if created.sequencer is not None:
        statement = statement.add_cte(_written_down(created, key))
    return statement


def _is_news(created: CreatedObject) -> ColumnElement[bool]:
    """Tell whether the row doesn't know of this object yet, or missed it, and it isn't one of an older event.

    The same sequencer again is a duplicate, except where an emulator gives all events the same.
    """
    if created.etag is None:
        return literal(False)
    missed = files.c.error_code == OBJECT_MISSING.code
    another = or_(files.c.etag.is_distinct_from(created.etag), func.coalesce(missed, False))
    if created.sequencer is None:
        return another
    later = or_(files.c.sequencer.is_(None), files.c.sequencer < created.sequencer)
    not_told_apart = and_(files.c.sequencer == created.sequencer, files.c.etag.is_not(None))
    return and_(another, or_(later, not_told_apart))


def _is_not_older(created: CreatedObject) -> ColumnElement[bool]:
    if created.sequencer is None:
        return literal(True)
    return or_(files.c.sequencer.is_(None), files.c.sequencer <= created.sequencer)


def _written_down(created: CreatedObject, key: ColumnElement[bool]) -> CTE:
    told = {"etag": created.etag, "size": created.size, "sequencer": created.sequencer}
    detail = {name: value for name, value in told.items() if value is not None}
    return (
        insert(history)
        .from_select(
            ["file_id", "owner", "kind", "detail"],
            select(
                files.c.id, files.c.owner, literal(Happening.EVENT.value), literal(detail, history.c.detail.type)
            ).where(key),
        )
        .cte("written_down")
    )
