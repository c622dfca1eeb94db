"""The statement of a list of files: of one owner's, or of every owner's."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Executable,
    Select,
    Subquery,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB

from chalicelib.adapters.postgres.tables import OWNED_METADATA, files
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import UNKNOWN_SIZE, ListQuery
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING

_SORT_KEYS: dict[str, ColumnElement[Any]] = {
    "uploaded_at": func.coalesce(files.c.uploaded_at, files.c.created_at),
    "name": files.c.name,
    "size": func.coalesce(files.c.size, literal_column(str(UNKNOWN_SIZE), BigInteger)),
}
"""By `Order.key`: `File.listed_at` and so on, as the indexes have them."""

_OWNED_METADATA: ColumnElement[Any] = literal_column(OWNED_METADATA, JSONB)

_MATCHES = or_(files.c.mismatch.is_(False), and_(files.c.mismatch.is_(None), files.c.detected_type.is_(None)))
"""Null with a type means that the mismatch isn't stored yet; without one there is nothing to compare."""


def list_files(owners: Owners, query: ListQuery) -> Executable:
    """Return the statement. Its rows are files, one more than the page has if there are more, and `beyond`: of the
    first row that doesn't belong to the page it is 1.

    The sizes of results are summed up in the database, so that no more of them are read than fit into a page.
    Computing a size takes as long as reading the result. So `beyond` counts the rows beyond the page in the list's
    order, which lets PostgreSQL (15 and newer) end at the first row where it is 2.
    """
    matching = (
        _first_of_all(query)
        if isinstance(owners, AllOwners)
        else _first_of(literal(owners), query, query.limit + 1).subquery("matching")
    )
    order = _apply_direction(query, matching.c.sort_key, matching.c.id)
    result_bytes = func.coalesce(func.octet_length(matching.c.result.cast(Text)), 0)
    earlier_bytes = func.sum(result_bytes).over(order_by=order, rows=(None, -1))
    measured = select(matching, earlier_bytes.label("earlier_bytes")).subquery("measured")
    order = _apply_direction(query, measured.c.sort_key, measured.c.id)
    is_beyond = case((measured.c.earlier_bytes > RESULT_BYTES_IN_LISTING, 1))
    beyond = func.count(is_beyond).over(order_by=order, rows=(None, 0))
    counted = select(measured, beyond.label("beyond")).subquery("counted")
    return (
        select(counted)
        .where(counted.c.beyond <= 1)
        .order_by(*_apply_direction(query, counted.c.sort_key, counted.c.id))
    )


def _first_of(owner: ColumnElement[str], query: ListQuery, limit: int) -> Select[Any]:
    """Return the SELECT of an owner's first files, each with its `sort_key`."""
    sort_key = _SORT_KEYS[query.order.key]
    return (
        select(files, sort_key.label("sort_key"))
        .where(files.c.owner == owner, *_conditions(owner, query))
        .order_by(*_apply_direction(query, sort_key, files.c.id))
        .limit(limit)
    )


def _first_of_all(query: ListQuery) -> Subquery:
    """Return the subquery of all owners' first files.

    It reads each owner's first file, and as many as a page has of the owners whose first ones are the first: the
    indexes begin with the owner (docs/decisions/0037-owners.md). By metadata it reads all that match: the planner
    doesn't know how many an owner has, and would read all of his files in their order.
    """
    owners, limit = _owners_of_files(), query.limit + 1
    if query.metadata:
        sort_key = _SORT_KEYS[query.order.key]
        matching = select(files, sort_key.label("sort_key")).select_from(owners)
        matching = matching.join(files, and_(*_conditions(owners.c.name, query)))
        return matching.order_by(*_apply_direction(query, sort_key, files.c.id)).limit(limit).subquery("matching")
    first = _first_of(owners.c.name, query, 1).lateral("first_file")
    of_first_owners = (
        select(owners.c.name)
        .join(first, true())
        .order_by(*_apply_direction(query, first.c.sort_key, first.c.id))
        .limit(limit)
        .subquery("first_owners")
    )
    rows = _first_of(of_first_owners.c.name, query, limit).lateral("owned_files")
    order = _apply_direction(query, rows.c.sort_key, rows.c.id)
    return (
        select(rows)
        .select_from(of_first_owners.join(rows, true()))
        .order_by(*order)
        .limit(limit)
        .subquery("matching")
    )


def _owners_of_files() -> CTE:
    """Return the owners, each found by one look into an index (a "loose index scan").
    https://wiki.postgresql.org/wiki/Loose_indexscan"""
    by_name = select(files.c.owner.label("name")).order_by(files.c.owner).limit(1)
    owners = select(by_name.subquery("first").c.name).cte("owners", recursive=True)
    following = by_name.where(files.c.owner > owners.c.name).lateral("following")
    return owners.union_all(select(following.c.name).select_from(owners.join(following, true())))


def _apply_direction(query: ListQuery, *columns: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    return [column.desc() if query.order.descending else column.asc() for column in columns]


def _conditions(owner: ColumnElement[str], query: ListQuery) -> list[ColumnElement[bool]]:
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
        wanted = func.jsonb_build_object(owner, literal(query.metadata, JSONB), type_=JSONB)
        conditions.append(_OWNED_METADATA.contains(wanted))
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
