"""The history of files."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Row, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.fragments import belongs_to
from chalicelib.adapters.postgres.tables import feeds, history
from chalicelib.core.accounts.model import Owners
from chalicelib.core.changes.history import HistoryEntry, HistoryEventType
from chalicelib.core.files.statuses import Status
from chalicelib.core.scanning.verdicts import Verdict


class PostgresHistory:
    """Implements `chalicelib.core.changes.history.History`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def timeline(self, owners: Owners, file_id: UUID, limit: int) -> Sequence[HistoryEntry]:
        statement = (
            select(history)
            .where(history.c.file_id == file_id, belongs_to(owners, history.c.owner))
            .order_by(history.c.id.desc())
            .limit(limit)
        )
        return [_entry(row) for row in reversed(self._database.read(statement))]

    def changes(self, owner: str, since: int, limit: int) -> Sequence[HistoryEntry]:
        """Number new changes, then return the page: two statements, because changes get their numbers when they
        are requested (docs/decisions/0011)."""
        self._number(owner, limit)
        statement = (
            select(history)
            .where(history.c.owner == owner, history.c.seq > since)
            .order_by(history.c.seq)
            .limit(limit)
        )
        return [_entry(row) for row in self._database.read(statement)]

    def _number(self, owner: str, limit: int) -> None:
        """Give numbers to up to `limit` changes that are committed and have none.

        The statement locks the owner's row in `feeds` until its numbers are committed, so all numbers given later
        are greater, and become visible later. A statement that waited for the lock may find changes numbered by
        then: the last condition skips them, which leaves gaps between numbers.
        """
        unnumbered = (
            select(history.c.id, func.row_number().over(order_by=history.c.id).label("position"))
            .where(history.c.owner == owner, history.c.seq.is_(None), history.c.version.is_not(None))
            .order_by(history.c.id)
            .limit(limit)
            .cte("unnumbered")
        )
        count = select(func.count()).select_from(unnumbered)
        upsert = insert(feeds).from_select(
            ["owner", "last_seq"],
            select(literal(owner), func.count()).select_from(unnumbered).having(func.count() > 0),
        )
        feed = (
            upsert.on_conflict_do_update(
                index_elements=[feeds.c.owner],
                set_={"last_seq": feeds.c.last_seq + upsert.excluded.last_seq},
            )
            .returning((feeds.c.last_seq - count.scalar_subquery()).cast(BigInteger).label("base"))
            .cte("feed")
        )
        numbered = (
            select(unnumbered.c.id, (feed.c.base + unnumbered.c.position).label("seq"))
            .join(feed, true())
            .subquery()
        )
        self._database.execute(
            update(history)
            .where(history.c.id == numbered.c.id, history.c.seq.is_(None))
            .values(seq=numbered.c.seq)
        )


def _entry(row: Row[Any]) -> HistoryEntry:
    return HistoryEntry(
        file_id=row.file_id,
        at=row.at,
        type=HistoryEventType(row.newer_type or row.kind),
        status=Status(row.status) if row.status else None,
        version=row.version,
        attempts=row.attempts,
        error_code=row.error_code,
        mismatch=row.mismatch,
        metadata=row.metadata or {},
        verdict=Verdict(row.verdict) if row.verdict else None,
        detail=row.detail,
        seq=row.seq,
    )
