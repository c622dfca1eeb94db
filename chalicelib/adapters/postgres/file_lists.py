"""The statement of a list of files: of one owner's, or of every owner's."""

from datetime import datetime
from typing import Any

from psycopg2.extras import Json

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import owner_parameter
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import UNKNOWN_SIZE, ListQuery
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING

SORT_KEYS = {
    "uploaded_at": "coalesce(files.uploaded_at, files.created_at)",
    "name": "files.name",
    "size": f"coalesce(files.size, {UNKNOWN_SIZE})",
}
"""By `Order.key`: `File.listed_at` and so on, as the indexes have them."""

MATCHES = "(files.mismatch IS FALSE OR (files.mismatch IS NULL AND files.detected_type IS NULL))"
"""Null with a type means that the mismatch isn't stored yet; without one there is nothing to compare."""

OWNERS = """
WITH RECURSIVE owners AS (
    (SELECT owner AS name FROM files ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT following.name
    FROM owners CROSS JOIN LATERAL (
        SELECT owner AS name FROM files WHERE owner > owners.name ORDER BY owner LIMIT 1
    ) AS following
)
"""
"""The owners, each found by one look into an index (a "loose index scan").
https://wiki.postgresql.org/wiki/Loose_indexscan"""

OF_OWNERS = """
SELECT {columns} FROM owners JOIN files ON true {conditions} ORDER BY {order} LIMIT %(fetched)s
"""
"""Reads all that match by metadata, of which the owner is a part: the planner doesn't know how many an owner has,
and would read all of his files in their order."""

OF_FIRST_OWNERS = """
SELECT owned.*
FROM (
    SELECT owners.name
    FROM owners CROSS JOIN LATERAL (
        SELECT {sort_key} AS sort_key, files.id FROM files WHERE {owned} {conditions} ORDER BY {order} LIMIT 1
    ) AS first_file
    ORDER BY first_file.sort_key {direction}, first_file.id {direction}
    LIMIT %(fetched)s
) AS owners
CROSS JOIN LATERAL (
    SELECT {columns} FROM files WHERE {owned} {conditions} ORDER BY {order} LIMIT %(fetched)s
) AS owned
ORDER BY owned.sort_key {direction}, owned.id {direction}
LIMIT %(fetched)s
"""
"""Reads each owner's first file, and as many as a page has of the owners whose first ones are the first: the
indexes begin with the owner (docs/decisions/0037-owners.md)."""

OF_ONE_OWNER = """
SELECT {columns} FROM files WHERE {owned} {conditions} ORDER BY {order} LIMIT %(fetched)s
"""

PAGE = """
{with_owners}
SELECT counted.*
FROM (
    SELECT measured.*, count(CASE WHEN earlier_bytes > %(max_result_bytes)s THEN 1 END) OVER (
        ORDER BY sort_key {direction}, id {direction} ROWS UNBOUNDED PRECEDING
    ) AS beyond
    FROM (
        SELECT matching.*, sum(coalesce(octet_length(result::text), 0)) OVER (
            ORDER BY sort_key {direction}, id {direction} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier_bytes
        FROM ({matching}) AS matching
    ) AS measured
) AS counted
WHERE beyond <= 1
ORDER BY sort_key {direction}, id {direction}
"""
"""The sizes of results are summed up in the database, so that no more of them are read than fit into a page.
Computing a size takes as long as reading the result. So `beyond` counts the rows beyond the page in the list's
order, which lets PostgreSQL (15 and newer) end at the first row where it is 2."""


def list_files(owners: Owners, query: ListQuery) -> tuple[str, dict[str, Any]]:
    """Return the statement and its parameters. Its rows are files, one more than the page has if there are more,
    and `beyond`: of the first row that doesn't belong to the page it is 1."""
    is_of_all = isinstance(owners, AllOwners)
    matching = OF_ONE_OWNER
    if is_of_all:
        matching = OF_OWNERS if query.metadata else OF_FIRST_OWNERS
    sort_key = SORT_KEYS[query.order.key]
    direction = "DESC" if query.order.descending else "ASC"
    owner = "owners.name" if is_of_all else "%(owner)s"
    conditions, parameters = _conditions(query, owner)
    statement = PAGE.format(
        with_owners=OWNERS if is_of_all else "",
        matching=matching.format(
            columns=f"{FILE_COLUMNS}, files.attempts_before, files.deaths, {sort_key} AS sort_key",
            owned=f"files.owner = {owner}",
            conditions="".join(f" AND {condition}" for condition in conditions),
            order=f"{sort_key} {direction}, files.id {direction}",
            sort_key=sort_key,
            direction=direction,
        ),
        direction=direction,
    )
    return statement, {
        **owner_parameter(owners),
        **parameters,
        "fetched": query.limit + 1,
        "max_result_bytes": RESULT_BYTES_IN_LISTING,
    }


def _conditions(query: ListQuery, owner: str) -> tuple[list[str], dict[str, Any]]:
    """Return the conditions besides the one on the owner, which is `owner` in SQL, and their parameters."""
    conditions, parameters = list[str](), dict[str, Any]()
    if query.status is not None:
        conditions.append("files.status = %(status)s")
        parameters["status"] = query.status
    if query.type is not None and query.type.endswith("/*"):
        conditions.append("starts_with(files.detected_type, %(family)s)")
        parameters["family"] = query.type[:-1]
    elif query.type is not None:
        conditions.append("files.detected_type = %(type)s")
        parameters["type"] = query.type
    if query.mismatch is not None:
        conditions.append("files.mismatch" if query.mismatch else MATCHES)
    if query.name_contains is not None:
        conditions.append("position(lower(%(name_contains)s) IN lower(files.name)) > 0")
        parameters["name_contains"] = query.name_contains
    if query.metadata:
        conditions.append(
            "jsonb_set('{}'::jsonb, ARRAY[owner], metadata)"
            f" @> jsonb_build_object({owner}::text, %(metadata)s::jsonb)"
        )
        parameters["metadata"] = Json(query.metadata)
    if query.after is not None:
        comparison = "<" if query.order.descending else ">"
        conditions.append(f"({SORT_KEYS[query.order.key]}, files.id) {comparison} (%(last_key)s, %(last_id)s)")
        key = query.after.key
        is_time = query.order.key == "uploaded_at"
        parameters["last_key"] = datetime.fromisoformat(str(key)) if is_time else key
        parameters["last_id"] = query.after.id
    return conditions, parameters
