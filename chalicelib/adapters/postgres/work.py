"""The rows, as events and the sweep see them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, case, exists, extract, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.claims import claim, claimed_by
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.dead_letters import note
from chalicelib.adapters.postgres.rows import checksum_columns, columns_of, file_of
from chalicelib.adapters.postgres.steps import IS_QUEUED, QUEUED_AGAIN, lease_ran_out
from chalicelib.adapters.postgres.tables import files, tombstones
from chalicelib.core.files import Analysis, Content, Failure, File, NewFile
from chalicelib.core.names import UPLOADS
from chalicelib.core.ports import Known
from chalicelib.core.s3_events import CreatedObject
from chalicelib.core.statuses import Status


class PostgresWork:
    """Keeps the contract of `chalicelib.core.ports.Work`. Leases are measured by the database's clock, because
    workers' clocks differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, created: CreatedObject, lease: timedelta) -> File | None:
        return claimed_by(self._database.rows(claim(created, lease)))

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        content: Content | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        etag = content.etag if content else None
        changed = and_(files.c.changed_to.is_not(None), files.c.changed_to.is_distinct_from(literal(etag, Text)))
        ends: dict[str, Any] = {
            "status": Status.FAILED if isinstance(outcome, Failure) else Status.PROCESSED,
            "queued_at": files.c.queued_at,
            "attempts_before": files.c.attempts_before,
            "deaths": files.c.deaths,
            "processed_at": func.now(),
            **_error_columns(outcome),
        }
        begins_anew: dict[str, Any] = {**QUEUED_AGAIN, "status": Status.UPLOADED}
        return self._move(
            _still_claimed(claimed),
            **{
                name: case((changed, _typed(name, begins_anew[name])), else_=_typed(name, ends[name]))
                for name in ends
            },
            **_result_columns(outcome),
            **_content_columns(content),
            thumbnail_key=thumbnail_key,
        )

    def release(self, claimed: File) -> None:
        self._move(_still_claimed(claimed), status=Status.UPLOADED)

    def oldest_wait(self) -> timedelta | None:
        rows = self._database.rows(
            select(func.now() - func.min(func.coalesce(files.c.queued_at, files.c.uploaded_at))).where(IS_QUEUED)
        )
        wait: timedelta | None = rows[0][0]
        return wait

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
        now = ("uploaded_at", "queued_at")
        row = select(
            *(literal(value, files.c[name].type).label(name) for name, value in values.items()),
            *(func.now().label(name) for name in now),
        ).where(~exists().where(_forbids(file.object_key)))
        self._database.changed(insert(files).from_select([*values, *now], row).on_conflict_do_nothing())

    def note_dead_letter(self, object_key: str, reason: str) -> bool:
        return self._database.changed(note(object_key, reason)) == 1

    def overdue(self, waiting: timedelta, limit: int) -> Sequence[File]:
        waited = extract("epoch", func.now() - files.c.status_since)
        tries = files.c.attempts - files.c.attempts_before
        reopened = and_(files.c.attempts_before > 0, tries == 0)
        backoff = case((reopened, 0), else_=waiting.total_seconds() * func.power(2, tries))
        event_never_came = and_(files.c.status == Status.UPLOADED, waited > backoff)
        bytes_never_came = and_(files.c.status == Status.AWAITING_UPLOAD, files.c.expires_at < func.now())
        statement = (
            select(files)
            .where(or_(event_never_came, bytes_never_came, lease_ran_out()))
            .order_by(files.c.status_since)
            .limit(limit)
        )
        return [file_of(row) for row in self._database.rows(statement)]

    def expire(self, file: File) -> File | None:
        return self._move(
            and_(files.c.id == file.id, files.c.status == Status.AWAITING_UPLOAD), status=Status.EXPIRED
        )

    def give_up(self, file: File, failure: Failure) -> File | None:
        unmoved = and_(files.c.id == file.id, files.c.version == file.version)
        return self._move(
            unmoved,
            status=Status.FAILED,
            processed_at=func.now(),
            thumbnail_key=None,
            **_error_columns(failure),
            **_result_columns(failure),
        )

    def _move(self, condition: ColumnElement[bool], **values: Any) -> File | None:
        """Move to another status and let go of any lease; return the file if the condition held."""
        rows = self._database.rows(
            update(files)
            .where(condition)
            .values(
                {
                    "status_since": func.now(),
                    "lease_until": None,
                    "version": files.c.version + 1,
                    **values,
                }
            )
            .returning(files)
        )
        return file_of(rows[0]) if rows else None


def _typed(name: str, value: Any) -> Any:
    return value if isinstance(value, ColumnElement) else literal(value, files.c[name].type)


def _forbids(object_key: str) -> ColumnElement[bool]:
    """A tombstone of this key after which no object is a new one: its file's own key, which is never used again,
    or one whose object isn't deleted yet."""
    own_key = tombstones.c.object_key.startswith(func.concat(UPLOADS, tombstones.c.file_id, "/"))
    return and_(tombstones.c.object_key == object_key, or_(own_key, tombstones.c.cleared_at.is_(None)))


def _still_claimed(claimed: File) -> ColumnElement[bool]:
    """The fence: the row is in the hands of the very attempt that `claimed` was returned for."""
    return and_(
        files.c.id == claimed.id,
        files.c.owner == claimed.owner,
        files.c.status == Status.PROCESSING,
        files.c.attempts == claimed.attempts,
    )


def _error_columns(outcome: Analysis | Failure) -> dict[str, Any]:
    failure = outcome if isinstance(outcome, Failure) else None
    return {
        "error_code": failure.code if failure else None,
        "error_message": failure.message if failure else None,
    }


def _result_columns(outcome: Analysis | Failure) -> dict[str, Any]:
    """A failure takes an earlier result away: what it told is no longer so."""
    known = outcome.partial_analysis if isinstance(outcome, Failure) else outcome
    return {
        "detected_type": known.detected_type if known else None,
        "result": known.result if known else None,
    }


def _content_columns(content: Content | None) -> dict[str, Any]:
    """Without an object, what is known of the one that was there stays."""
    if content is None:
        return {}
    return {"size": content.size, "etag": content.etag, **checksum_columns(content.checksum)}
