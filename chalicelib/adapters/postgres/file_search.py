"""The part of a list's statement that finds files which no index has in the list's order.

A few matches are best read by the index of their terms or words and sorted; of many, it is best to read the list
in its order until the page is full. PostgreSQL's statistics say which one to try first
(docs/decisions/0044-search.md).
"""

from typing import Any

from chalicelib.adapters.postgres.indexed_elements import term_conditions, words_query
from chalicelib.adapters.postgres.list_conditions import (
    HAS_NAME_PART,
    HAS_NAME_PART_UNINDEXED,
    Conditions,
    join_conditions,
)
from chalicelib.adapters.postgres.name_walk import walk_of_names
from chalicelib.adapters.postgres.search_statistics import SearchStatistics
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery

COMMON = 0.005
"""Matches are common if this share of all files matches, or more."""

READ_PER_FILE = 100
"""How many rows are read in the list's order for each file of a page, before all matches are."""

TRIED = 10
"""As many rows are read first as are expected to have this number of matches, if there are several conditions."""

FOUND_OF_TRIED = 3
"""Below this number of matches among them, the conditions exclude each other, and all matches are read."""

WALK = """
walk AS MATERIALIZED (
    SELECT files.id, files.sort_key
    FROM (
        SELECT files.*, {sort_key} AS sort_key FROM files
        WHERE files.owner = %(owner)s {in_order}
        ORDER BY {order} LIMIT (SELECT %(walked)s::bigint)
    ) AS files
    WHERE {if_tried} {others}
    ORDER BY files.sort_key {direction}, files.id {direction}
    LIMIT %(fetched)s
)"""
"""The page, if the first rows in the list's order fill it, and PostgreSQL ends as soon as they do. With a limit
that it doesn't know, the planner reads the rows in their order."""

TRIAL = f"""
trial AS MATERIALIZED (
    SELECT count(*) AS matches
    FROM (
        SELECT
        FROM (
            SELECT files.* FROM files
            WHERE files.owner = %(owner)s {{in_order}}
            ORDER BY {{order}} LIMIT (SELECT %(tried)s::bigint)
        ) AS files
        WHERE true {{others}}
        LIMIT {FOUND_OF_TRIED}
    ) AS matching
)"""

IF_TRIED = f"(SELECT matches FROM trial) >= {FOUND_OF_TRIED}"

WALK_TO_THE_END_OF_ALL = """
walk AS MATERIALIZED (
    SELECT walked.id, walked.sort_key FROM ({of_first_owners}) AS walked
)"""

WALK_OF_ALL = """
shares AS MATERIALIZED (SELECT greatest(%(walked)s / count(*), 1) AS share FROM owners),
walked AS MATERIALIZED (
    SELECT first_files.*
    FROM owners CROSS JOIN LATERAL (
        SELECT files.id, {sort_key} AS sort_key, true {others} AS is_match,
            row_number() OVER (ORDER BY {order}) AS position
        FROM files
        WHERE files.owner = owners.name {in_order}
        ORDER BY {order} LIMIT (SELECT share FROM shares)
    ) AS first_files
),
first_end AS MATERIALIZED (
    SELECT sort_key, id FROM walked
    WHERE position = (SELECT share FROM shares)
    ORDER BY sort_key {direction}, id {direction}
    LIMIT 1
),
walk AS MATERIALIZED (
    SELECT id, sort_key FROM walked
    WHERE is_match AND coalesce((sort_key, id) {until} (SELECT sort_key, id FROM first_end), true)
    ORDER BY sort_key {direction}, id {direction}
    LIMIT %(fetched)s
)"""
"""The page, if the first rows of all owners fill it. Each owner has the same share of them. Beyond the first row
at which a share ends, some files may not have been read."""

MATCHING = """
matching AS MATERIALIZED (
    SELECT files.id, {sort_key} AS sort_key FROM {source} WHERE {owned} {all_conditions} {has_terms}
)"""
"""All matches, in no order. PostgreSQL reads no more of them than are asked for."""

UNINDEXED = """
SELECT files.id, {sort_key} AS sort_key FROM {source}
WHERE {owned} AND files.search_terms IS NULL {unindexed_conditions}"""
"""Files whose terms aren't stored yet: they aren't processed, were renamed, or older code has stored them."""

FOUND = """
found AS (
    {found}
    ORDER BY sort_key {direction}, id {direction}
    LIMIT %(fetched)s
)"""

OF_WALK = "SELECT id, sort_key FROM walk"
OF_MATCHING = "SELECT id, sort_key FROM matching"
IF_WALK_IS_NOT_FULL = "WHERE (SELECT count(*) FROM walk) < %(fetched)s"


def search_tables(
    owners: Owners, query: ListQuery, conditions: Conditions, statistics: SearchStatistics, texts: dict[str, str]
) -> tuple[list[str], dict[str, Any]]:
    """Return the tables of a WITH clause, and their parameters. The table `found` has the ids and sort keys of the
    page's files. `texts` are the parts of the statement that it shares with others.

    Where the index of an order has the names, too, reading it to its end costs less than reading many matches.
    Otherwise rows are read in the order up to a limit, and then the matches.
    """
    has_terms, parameters = term_conditions(conditions, owners, statistics)
    unindexed = [HAS_NAME_PART_UNINDEXED if each == HAS_NAME_PART else each for each in conditions.all]
    texts = {
        **texts,
        "in_order": join_conditions([*conditions.in_order, *conditions.after]),
        "others": join_conditions(conditions.others),
        "all_conditions": join_conditions(conditions.all),
        "unindexed_conditions": join_conditions(unindexed),
        "has_terms": join_conditions(has_terms),
    }
    if query.text:
        parameters["words"] = words_query(conditions.words, owners, statistics)
    share = statistics.expect_share(conditions.elements) if conditions.elements else None
    is_walked = bool(conditions.in_order) if share is None else share >= COMMON
    tables, found = list[str](), list[str]()
    if is_walked:
        tables, walk_parameters = _walk(owners, query, conditions, statistics, share)
        found.append(OF_WALK)
        parameters |= walk_parameters
    if not (is_walked and conditions.is_of_names):
        tables.append(MATCHING)
        found.append(f"{OF_MATCHING} {IF_WALK_IS_NOT_FULL if is_walked else ''}")
    if has_terms:
        found.append(UNINDEXED)
    tables.append(FOUND.replace("{found}", "\nUNION\n".join(found)))
    return [table.format(**texts) for table in tables], parameters


def _walk(
    owners: Owners, query: ListQuery, conditions: Conditions, statistics: SearchStatistics, share: float | None
) -> tuple[list[str], dict[str, Any]]:
    """Return the table `walk`, after one that it needs, and their parameters. `share` is which share of all files
    is expected to match."""
    walked = READ_PER_FILE * (query.limit + 1)
    parameters = {"walked": walked}
    if isinstance(owners, AllOwners):
        return [WALK_TO_THE_END_OF_ALL if conditions.is_of_names else WALK_OF_ALL], parameters
    if conditions.is_of_names:
        walk, parameters = walk_of_names(owners, query, conditions, statistics)
        return [walk], parameters
    tried = round(TRIED / share) if share and len(conditions.in_order + conditions.others) > 1 else 0
    if not 0 < tried < walked / 2:
        return [WALK.replace("{if_tried}", "true")], parameters
    return [TRIAL, WALK.replace("{if_tried}", IF_TRIED)], {"tried": tried, "walked": walked - tried}
