"""The files of all owners, as a queue of work."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    extract,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)

from chalicelib.adapters.postgres.adoption import adopt, adopt_rejected
from chalicelib.adapters.postgres.claims import claim, parse_claim
from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.dead_letters import record_dead_letter
from chalicelib.adapters.postgres.deletions import insert_tombstones
from chalicelib.adapters.postgres.fragments import IS_QUEUED, REQUEUED, lease_expired, typed
from chalicelib.adapters.postgres.mapping import (
    checksum_columns,
    error_columns,
    mismatch_columns,
    scan_columns,
    to_file,
)
from chalicelib.adapters.postgres.quotas import blocks_adoption, record_size_within_quotas
from chalicelib.adapters.postgres.tables import files
from chalicelib.core.files.model import Analysis, AnalyzedObject, Failure, File, NewFile
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.processing.ports import KeyState
from chalicelib.core.scanning.verdicts import Verdict


class PostgresProcessingQueue:
    """Implements `chalicelib.core.processing.ports.ProcessingQueue`. Leases are measured by the database's clock,
    because workers' clocks differ."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, ref: ObjectRef, lease: timedelta) -> File | None:
        return parse_claim(self._database.fetch_all(claim(ref, lease)))

    def finish(
        self,
        claimed: File,
        outcome: Analysis | Failure,
        analyzed_object: AnalyzedObject | None,
        thumbnail_key: str | None = None,
    ) -> File | None:
        etag = analyzed_object.etag if analyzed_object else None
        object_was_replaced = and_(
            files.c.pending_etag.is_not(None), files.c.pending_etag.is_distinct_from(literal(etag, Text))
        )
        finished_columns = _transition_columns(
            Status.FAILED if isinstance(outcome, Failure) else Status.PROCESSED
        ) | {
            "processed_at": func.now(),
            "pending_etag": None,
            **error_columns(outcome),
        }
        columns = {
            name: case(
                (object_was_replaced, typed(name, value)),
                else_=typed(name, finished_columns.get(name, files.c[name])),
            )
            for name, value in REQUEUED.items()
        }
        assert finished_columns.keys() <= columns.keys()  # a column that REQUEUED lacks would not be stored
        mismatch = case((files.c.name == claimed.name, literal(_mismatch(outcome))), else_=null())
        return self._update(
            _still_claimed(claimed),
            {
                **columns,
                **_result_columns(outcome),
                **mismatch_columns(mismatch),
                **_object_columns(analyzed_object),
                "thumbnail_key": thumbnail_key,
            },
        )

    def release(self, claimed: File) -> None:
        self._update(_still_claimed(claimed), _transition_columns(Status.UPLOADED))

    def oldest_wait(self) -> timedelta | None:
        rows = self._database.read(
            select(func.now() - func.min(func.coalesce(files.c.queued_at, files.c.uploaded_at))).where(IS_QUEUED)
        )
        wait: timedelta | None = rows[0][0]
        return wait

    def key_state(self, object_key: str) -> KeyState:
        row = self._database.read(
            select(
                exists().where(files.c.object_key == object_key).label("has_file"),
                exists()
                .where(files.c.object_key == object_key, files.c.status == Status.REJECTED)
                .label("is_rejected"),
                exists().where(blocks_adoption(object_key)).label("has_tombstone"),
            )
        )[0]
        if row.is_rejected:
            return KeyState.REJECTED
        if row.has_file:
            return KeyState.FILE
        return KeyState.DELETED if row.has_tombstone else KeyState.UNKNOWN

    def adopt(self, file: NewFile, quotas: Quotas = UNLIMITED) -> None:
        adopt(self._database, file, quotas)

    def adopt_rejected(self, file: NewFile, failure: Failure) -> None:
        adopt_rejected(self._database, file, failure)

    def record_dead_letter(self, object_key: str, reason: str) -> bool:
        return self._database.execute(record_dead_letter(object_key, reason)) == 1

    def overdue(self, grace_period: timedelta, limit: int) -> Sequence[File]:
        waited = extract("epoch", func.now() - files.c.status_since)
        attempts_this_round = files.c.attempts - files.c.attempts_offset
        was_requeued = and_(files.c.attempts_offset > 0, attempts_this_round == 0)
        backoff = case((was_requeued, 0), else_=grace_period.total_seconds() * func.power(2, attempts_this_round))
        event_is_overdue = and_(files.c.status == Status.UPLOADED, waited > backoff)
        check_at = func.coalesce(files.c.check_at, files.c.expires_at)
        queued = (
            select(files)
            .where(IS_QUEUED, or_(event_is_overdue, lease_expired()))
            .order_by(files.c.status_since)
            .limit(limit)
        )
        awaiting = (
            select(files)
            .where(files.c.status == Status.AWAITING_UPLOAD, check_at < func.now())
            .order_by(check_at)
            .limit(limit)
        )
        # Two SELECTs, each of which reads an index of its own from its beginning.
        either = union_all(queued, awaiting).subquery()
        statement = select(either).order_by(either.c.status_since).limit(limit)
        return [to_file(row) for row in self._database.read(statement)]

    def postpone_check(self, file: File) -> bool:
        waited = func.now() - files.c.created_at
        postponed = self._database.execute(
            update(files)
            .where(
                files.c.id == file.id, files.c.status == Status.AWAITING_UPLOAD, files.c.expires_at > func.now()
            )
            .values(check_at=func.least(files.c.expires_at, func.now() + waited))
        )
        return postponed == 1

    def record_size(self, claimed: File, size: int, quotas: Quotas) -> None:
        record_size_within_quotas(self._database, _still_claimed(claimed), size, quotas)

    def reject(self, claimed: File, failure: Failure, infected_etag: str | None = None) -> File | None:
        scan = scan_columns(Verdict.INFECTED, func.now(), infected_etag) if infected_etag is not None else {}
        rejected = (
            update(files)
            .where(_still_claimed(claimed))
            .values(**rejected_columns(failure), **scan)
            .returning(files)
            .cte("rejected")
        )
        objects = select(rejected.c.object_key, rejected.c.id, rejected.c.owner, cast(null(), Text))
        rows = self._database.fetch_all(select(rejected).add_cte(insert_tombstones(objects).cte("tombstone")))
        return to_file(rows[0]) if rows else None

    def expire(self, file: File) -> File | None:
        return self._update(
            and_(files.c.id == file.id, files.c.status == Status.AWAITING_UPLOAD),
            _transition_columns(Status.EXPIRED),
        )

    def fail_exhausted(self, file: File, failure: Failure) -> File | None:
        unchanged = and_(files.c.id == file.id, files.c.version == file.version)
        return self._update(
            unchanged,
            {
                **_transition_columns(Status.FAILED),
                "processed_at": func.now(),
                "thumbnail_key": None,
                **error_columns(failure),
                **_result_columns(failure),
                **mismatch_columns(_mismatch(failure)),
            },
        )

    def _update(self, condition: ColumnElement[bool], values: dict[str, Any]) -> File | None:
        """Update the file and return it, or None where the condition doesn't hold."""
        rows = self._database.fetch_all(update(files).where(condition).values(values).returning(files))
        return to_file(rows[0]) if rows else None


def _transition_columns(status: Status) -> dict[str, Any]:
    """Return the columns of a file that moves to another status, and whose lease ends."""
    return {
        "status": status,
        "status_since": func.now(),
        "lease_until": None,
        "version": files.c.version + 1,
    }


def rejected_columns(failure: Failure) -> dict[str, Any]:
    """Return the columns of a file that is rejected."""
    return {
        **_transition_columns(Status.REJECTED),
        "processed_at": func.now(),
        "pending_etag": None,
        "thumbnail_key": None,
        **error_columns(failure),
        **_result_columns(failure),
        **mismatch_columns(False),
    }


def _still_claimed(claimed: File) -> ColumnElement[bool]:
    """Return the condition that the row is still claimed, by the attempt that got `claimed` (fencing)."""
    return and_(
        files.c.id == claimed.id,
        files.c.owner == claimed.owner,
        files.c.status == Status.PROCESSING,
        files.c.attempts == claimed.attempts,
    )


def _result_columns(outcome: Analysis | Failure) -> dict[str, Any]:
    """Return the columns of the analysis. A failure removes an earlier result, which is no longer true."""
    analysis = outcome.partial_analysis if isinstance(outcome, Failure) else outcome
    return {
        "detected_type": analysis.detected_type if analysis else None,
        "result": analysis.result if analysis else None,
    }


def _mismatch(outcome: Analysis | Failure) -> bool:
    analysis = outcome.partial_analysis if isinstance(outcome, Failure) else outcome
    return analysis is not None and analysis.mismatch


def _object_columns(analyzed: AnalyzedObject | None) -> dict[str, Any]:
    """Return the columns of the object. Without an object, those of the earlier one stay."""
    if analyzed is None:
        return {}
    scan = {} if analyzed.verdict is None else scan_columns(analyzed.verdict, func.now(), analyzed.etag)
    return {"size": analyzed.size, "etag": analyzed.etag, **checksum_columns(analyzed.checksum), **scan}
