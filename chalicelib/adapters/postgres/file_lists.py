"""The statement of a list of files: of one owner's, or of every owner's (docs/decisions/0044-search.md)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from chalicelib.adapters.postgres.columns import FILE_COLUMNS
from chalicelib.adapters.postgres.conditions import belongs_to, owner_parameter
from chalicelib.adapters.postgres.list_conditions import SORT_KEYS, join_conditions, list_conditions
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.ports import RESULT_BYTES_IN_LISTING

if TYPE_CHECKING:
    from chalicelib.adapters.postgres.search_statistics import SearchStatistics

OWNERS = """
owners AS (
    (SELECT owner AS name FROM files ORDER BY owner LIMIT 1)
    UNION ALL
    SELECT following.name
    FROM owners CROSS JOIN LATERAL (
        SELECT owner AS name FROM files WHERE owner > owners.name ORDER BY owner LIMIT 1
    ) AS following
)"""
"""The owners, each found by one look into an index (a "loose index scan").
https://wiki.postgresql.org/wiki/Loose_indexscan"""

OF_ONE_OWNER = """
SELECT {columns} FROM files WHERE files.owner = %(owner)s {conditions} ORDER BY {order} LIMIT %(fetched)s
"""

OF_ALL_WITH_METADATA = """
SELECT owned.*
FROM owners CROSS JOIN LATERAL (SELECT {columns} FROM files WHERE true {conditions} OFFSET 0) AS owned
ORDER BY owned.sort_key {direction}, owned.id {direction}
LIMIT %(fetched)s
"""
"""Reads all that match by metadata, of which the owner is a part: the planner doesn't know how many an owner has,
and would read all files of one in their order. OFFSET 0 keeps it from reading the whole table for all owners."""

OF_FIRST_OWNERS = """
SELECT owned.*
FROM (
    SELECT owners.name
    FROM owners CROSS JOIN LATERAL (
        SELECT {sort_key} AS sort_key, files.id FROM files
        WHERE files.owner = owners.name {conditions}
        ORDER BY {order} LIMIT 1
    ) AS first_file
    ORDER BY first_file.sort_key {direction}, first_file.id {direction}
    LIMIT %(fetched)s
) AS owners
CROSS JOIN LATERAL (
    SELECT {columns} FROM files
    WHERE files.owner = owners.name {conditions}
    ORDER BY {order} LIMIT %(fetched)s
) AS owned
ORDER BY owned.sort_key {direction}, owned.id {direction}
LIMIT %(fetched)s
"""
"""Reads each owner's first file, and as many as a page has of the owners whose first ones are the first: the
indexes begin with the owner (docs/decisions/0037-owners.md)."""

OF_FOUND = """
SELECT {columns}, found.sort_key FROM found JOIN files ON files.id = found.id AND {owned}
"""

PAGE = """
SELECT counted.*
FROM (
    SELECT measured.*, count(CASE WHEN earlier_bytes > %(max_result_bytes)s THEN 1 END) OVER (
        ORDER BY sort_key {direction}, id {direction} ROWS UNBOUNDED PRECEDING
    ) AS beyond
    FROM (
        SELECT listed.*, sum(coalesce(octet_length(result::text), 0)) OVER (
            ORDER BY sort_key {direction}, id {direction} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier_bytes
        FROM ({listed}) AS listed
    ) AS measured
) AS counted
WHERE beyond <= 1
ORDER BY sort_key {direction}, id {direction}
"""
"""The sizes of results are summed up in the database, so that no more of them are read than fit into a page.
Computing a size takes as long as reading the result. So `beyond` counts the rows beyond the page in the list's
order, which lets PostgreSQL (15 and newer) end at the first row where it is 2."""


def list_files(
    owners: Owners, query: ListQuery, read_statistics: "Callable[[], SearchStatistics]"
) -> tuple[str, dict[str, Any]]:
    """Return the statement and its parameters. Its rows are files, one more than the page has if there are more,
    and `beyond`: of the first row that doesn't belong to the page it is 1.

    `read_statistics` is called for a search only.
    """
    is_of_all, fetched = isinstance(owners, AllOwners), query.limit + 1
    conditions = list_conditions(owners, query)
    sort_key, direction = SORT_KEYS[query.order.key], "DESC" if query.order.descending else "ASC"
    texts = {
        "sort_key": sort_key,
        "direction": direction,
        "until": ">=" if query.order.descending else "<=",
        "order": f"{sort_key} {direction}, files.id {direction}",
        "conditions": join_conditions(conditions.all),
        "owned": belongs_to(owners),
        "source": "owners JOIN files ON true" if is_of_all and query.metadata else "files",
    }
    parameters = {
        **owner_parameter(owners),
        **conditions.parameters,
        "fetched": fetched,
        "max_result_bytes": RESULT_BYTES_IN_LISTING,
    }
    tables = [OWNERS] if is_of_all else []
    if conditions.is_search:
        from chalicelib.adapters.postgres.file_search import search_tables

        of_first_owners = OF_FIRST_OWNERS.format(columns=f"files.id, {sort_key} AS sort_key", **texts)
        texts |= {"of_first_owners": of_first_owners}
        searched, search_parameters = search_tables(owners, query, conditions, read_statistics(), texts)
        tables += searched
        parameters |= search_parameters
        listed = OF_FOUND.format(columns=FILE_COLUMNS, **texts)
    else:
        listed = OF_ONE_OWNER
        if is_of_all:
            listed = OF_ALL_WITH_METADATA if query.metadata else OF_FIRST_OWNERS
        listed = listed.format(columns=f"{FILE_COLUMNS}, {sort_key} AS sort_key", **texts)
    page = PAGE.format(direction=direction, listed=listed)
    return (f"WITH RECURSIVE {','.join(tables)} {page}" if tables else page), parameters
