"""The rows, as events and the sweep see them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, extract, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.rows import checksum_columns, columns_of, file_of
from chalicelib.adapters.postgres.tables import files, tombstones
from chalicelib.core.files import Description, Failure, File, NewFile
from chalicelib.core.names import UPLOADS
from chalicelib.core.ports import Known
from chalicelib.core.statuses import Status


class PostgresWork:
    """Keeps the contract of `chalicelib.core.ports.Work`. Leases are measured by the database's clock, because
    workers' clocks differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, object_key: str, lease: timedelta) -> File | None:
        waits = files.c.status.in_([Status.AWAITING_UPLOAD, Status.UPLOADED, Status.EXPIRED])
        rows = self._database.rows(
            update(files)
            .where(files.c.object_key == object_key, or_(waits, _lease_ran_out()))
            .values(
                status=Status.PROCESSING,
                status_since=func.now(),
                attempts=files.c.attempts + 1,
                lease_until=func.now() + lease,
                uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
                version=files.c.version + 1,
            )
            .returning(files)
        )
        return file_of(rows[0]) if rows else None

    def finish(self, claimed: File, outcome: Description | Failure) -> bool:
        if isinstance(outcome, Failure):
            return self._end(_still_claimed(claimed), Status.FAILED, **_failure_columns(outcome))
        return self._end(
            _still_claimed(claimed),
            Status.PROCESSED,
            processed_at=func.now(),
            detected_type=outcome.detected_type,
            result=outcome.result,
            error_code=None,
            error_message=None,
            **checksum_columns(outcome.checksum),
        )

    def release(self, claimed: File) -> None:
        self._end(_still_claimed(claimed), Status.UPLOADED)

    def known(self, object_key: str) -> Known:
        found = self._database.rows(
            select(
                exists().where(files.c.object_key == object_key).label("file"),
                exists().where(_forbids(object_key)).label("tombstone"),
            )
        )[0]
        if found.file:
            return Known.FILE
        return Known.DELETED if found.tombstone else Known.NOTHING

    def adopt(self, file: NewFile) -> None:
        values = {**columns_of(file), "status": Status.UPLOADED}
        row = select(
            *(literal(value, files.c[name].type).label(name) for name, value in values.items()),
            func.now().label("uploaded_at"),
        ).where(~exists().where(_forbids(file.object_key)))
        self._database.changed(insert(files).from_select([*values, "uploaded_at"], row).on_conflict_do_nothing())

    def overdue(self, waiting: timedelta, limit: int) -> Sequence[File]:
        waited = extract("epoch", func.now() - files.c.status_since)
        backoff = waiting.total_seconds() * func.power(2, files.c.attempts)
        event_never_came = and_(files.c.status == Status.UPLOADED, waited > backoff)
        bytes_never_came = and_(files.c.status == Status.AWAITING_UPLOAD, files.c.expires_at < func.now())
        statement = (
            select(files)
            .where(or_(event_never_came, bytes_never_came, _lease_ran_out()))
            .order_by(files.c.status_since)
            .limit(limit)
        )
        return [file_of(row) for row in self._database.rows(statement)]

    def expire(self, file: File) -> None:
        self._end(and_(files.c.id == file.id, files.c.status == Status.AWAITING_UPLOAD), Status.EXPIRED)

    def give_up(self, file: File, failure: Failure) -> None:
        unmoved = and_(files.c.id == file.id, files.c.version == file.version)
        self._end(unmoved, Status.FAILED, **_failure_columns(failure))

    def _end(self, condition: ColumnElement[bool], status: Status, **values: Any) -> bool:
        """Move to the status and let go of any lease; tell whether the condition held."""
        return (
            self._database.changed(
                update(files)
                .where(condition)
                .values(
                    status=status,
                    status_since=func.now(),
                    lease_until=None,
                    version=files.c.version + 1,
                    **values,
                )
            )
            == 1
        )


def _forbids(object_key: str) -> ColumnElement[bool]:
    """A tombstone of this key after which no object is a new one: its file's own key, which is never used again,
    or one whose object isn't deleted yet."""
    own_key = tombstones.c.object_key.startswith(func.concat(UPLOADS, tombstones.c.file_id, "/"))
    return and_(tombstones.c.object_key == object_key, or_(own_key, tombstones.c.cleared_at.is_(None)))


def _lease_ran_out() -> ColumnElement[bool]:
    return and_(files.c.status == Status.PROCESSING, files.c.lease_until < func.now())


def _still_claimed(claimed: File) -> ColumnElement[bool]:
    """The fence: the row is in the hands of the very attempt that `claimed` was returned for."""
    return and_(
        files.c.id == claimed.id,
        files.c.owner == claimed.owner,
        files.c.status == Status.PROCESSING,
        files.c.attempts == claimed.attempts,
    )


def _failure_columns(failure: Failure) -> dict[str, Any]:
    return {"processed_at": func.now(), "error_code": failure.code, "error_message": failure.message}
