"""The files of one owner."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Executable,
    Text,
    and_,
    case,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.deletions import delete_leaving_tombstone, parse_deleted
from chalicelib.adapters.postgres.fragments import IS_AWAITING_BYTES, IS_DONE, REQUEUED, owned
from chalicelib.adapters.postgres.mapping import first_file, mismatch_columns, to_columns, to_file
from chalicelib.adapters.postgres.quotas import add_within_quotas
from chalicelib.adapters.postgres.tables import OWNED_METADATA, files
from chalicelib.core.files.file_list import UNKNOWN_SIZE, ListQuery
from chalicelib.core.files.model import File, NewFile
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING, DeletedFile, Listing, NewName
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import UNLIMITED, Quotas

_SORT_KEYS: dict[str, ColumnElement[Any]] = {
    "uploaded_at": func.coalesce(files.c.uploaded_at, files.c.created_at),
    "name": files.c.name,
    "size": func.coalesce(files.c.size, literal_column(str(UNKNOWN_SIZE), BigInteger)),
}
"""By `Order.key`: `File.listed_at` and so on, as the indexes have them."""


_OWNED_METADATA: ColumnElement[Any] = literal_column(OWNED_METADATA, JSONB)

_MATCHES = or_(files.c.mismatch.is_(False), and_(files.c.mismatch.is_(None), files.c.detected_type.is_(None)))
"""Null with a type means that the mismatch isn't stored yet; without one there is nothing to compare."""


class PostgresFiles:
    """Implements `chalicelib.core.files.ports.Files`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, file: NewFile, expires_in: timedelta, quotas: Quotas = UNLIMITED) -> None:
        values = {
            **to_columns(file),
            "status": Status.AWAITING_UPLOAD,
            "expires_at": func.now() + expires_in,
        }
        if needs := quotas.needs_of_new_file(file.size):
            add_within_quotas(self._database, values, needs, files.c.id == file.id)
            return
        statement = insert(files).values(values)
        # There is a conflict if a connection was lost, and the statement runs again.
        self._database.execute(statement.on_conflict_do_nothing(index_elements=[files.c.id]))

    def mark_uploaded(self, owner: str, file_id: UUID, etag: str | None) -> File | None:
        return self._one(
            update(files)
            .where(owned(owner, file_id))
            .values(
                status=case((IS_AWAITING_BYTES, literal(Status.UPLOADED.value)), else_=files.c.status),
                status_since=case((IS_AWAITING_BYTES, func.now()), else_=files.c.status_since),
                uploaded_at=func.coalesce(files.c.uploaded_at, func.now()),
                queued_at=func.coalesce(files.c.queued_at, func.now()),
                etag=func.coalesce(files.c.etag, literal(etag, Text)),
                version=files.c.version + case((IS_AWAITING_BYTES, 1), else_=0),
            )
            .returning(files)
        )

    def get(self, owner: str, file_id: UUID) -> File | None:
        return first_file(self._database.read(select(files).where(owned(owner, file_id))))

    def list(self, owner: str, query: ListQuery) -> Listing:
        rows = self._database.read(_listing(owner, query))
        shown = [row for row in rows if not row.beyond][: query.limit]
        return Listing([to_file(row) for row in shown], len(rows) > len(shown))

    def update(
        self, owner: str, file_id: UUID, *, name: NewName | None = None, metadata: Mapping[str, str] | None = None
    ) -> File | None:
        values: dict[str, Any] = {}
        if name is not None:
            values["name"] = literal(name.name, files.c.name.type)
        if metadata is not None:
            values["metadata"] = literal(metadata, files.c.metadata.type) if metadata else null()
        differs = or_(false(), *(files.c[column].is_distinct_from(value) for column, value in values.items()))
        values["version"] = files.c.version + case((differs, 1), else_=0)
        if name is not None:
            mismatch = case((files.c.version == name.version, literal(name.mismatch)), else_=null())
            values |= mismatch_columns(mismatch, values["version"])
        return self._one(update(files).where(owned(owner, file_id)).values(values).returning(files))

    def requeue(self, owner: str, file_id: UUID) -> File | None:
        return self._one(update(files).where(owned(owner, file_id), IS_DONE).values(REQUEUED).returning(files))

    def delete_leaving_tombstone(self, owner: str, file_id: UUID) -> DeletedFile | None:
        return parse_deleted(self._database.fetch_all(delete_leaving_tombstone(owner, file_id)))

    def _one(self, statement: Executable) -> File | None:
        return first_file(self._database.fetch_all(statement))


def _listing(owner: str, query: ListQuery) -> Executable:
    """Return the statement of a list. One row more than the page has shows whether there are more.

    The sizes of results are summed up in the database, so that no more of them are read than fit into a page.
    Computing a size takes as long as reading the result. So `beyond` counts the rows beyond the page in the list's
    order, which lets PostgreSQL (15 and newer) end at the first row where it is 2.
    """
    sort_key = _SORT_KEYS[query.order.key]
    order = _apply_direction(query, sort_key, files.c.id)
    result_bytes = func.coalesce(func.octet_length(files.c.result.cast(Text)), 0)
    earlier_bytes = func.sum(result_bytes).over(order_by=order, rows=(None, -1))
    matching = (
        select(files, sort_key.label("sort_key"), earlier_bytes.label("earlier_bytes"))
        .where(files.c.owner == owner, *_conditions(owner, query))
        .order_by(*order)
        .limit(query.limit + 1)
        .subquery("matching")
    )
    order = _apply_direction(query, matching.c.sort_key, matching.c.id)
    is_beyond = case((matching.c.earlier_bytes > RESULT_BYTES_IN_LISTING, 1))
    beyond = func.count(is_beyond).over(order_by=order, rows=(None, 0))
    counted = select(matching, beyond.label("beyond")).subquery("counted")
    return (
        select(counted)
        .where(counted.c.beyond <= 1)
        .order_by(*_apply_direction(query, counted.c.sort_key, counted.c.id))
    )


def _apply_direction(query: ListQuery, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if query.order.descending else column.asc() for column in columns]


def _conditions(owner: str, query: ListQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.status is not None:
        conditions.append(files.c.status == query.status)
    if query.type is not None and query.type.endswith("/*"):
        conditions.append(files.c.detected_type.startswith(query.type[:-1], autoescape=True))
    elif query.type is not None:
        conditions.append(files.c.detected_type == query.type)
    if query.mismatch is not None:
        conditions.append(files.c.mismatch if query.mismatch else _MATCHES)
    if query.name_contains is not None:
        conditions.append(files.c.name.icontains(query.name_contains, autoescape=True))
    if query.metadata:
        conditions.append(_OWNED_METADATA.contains({owner: query.metadata}))
    if query.after is not None:
        conditions.append(_after(query))
    return conditions


def _after(query: ListQuery) -> ColumnElement[bool]:
    assert query.after is not None
    column, key = _SORT_KEYS[query.order.key], query.after.key
    if query.order.key == "uploaded_at":
        last_key = literal(datetime.fromisoformat(str(key)), column.type)
    else:
        last_key = literal(key, column.type)
    position = tuple_(column, files.c.id)
    end_of_last_page = tuple_(last_key, literal(query.after.id, files.c.id.type))
    return position < end_of_last_page if query.order.descending else position > end_of_last_page
