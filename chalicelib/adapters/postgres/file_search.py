"""The part of a list's statement that finds files which no index has in the list's order.

A few matches are best read by the index of their terms or words and sorted; of many, it is best to read the list
in its order until the page is full. The statistics of the last ANALYZE say which one to try first
(docs/decisions/0044-search.md).
"""

from typing import Any

from chalicelib.adapters.postgres.list_conditions import (
    HAS_NAME_PART,
    HAS_NAME_PART_UNINDEXED,
    Conditions,
)

COMMON = 0.005
"""Matches are common if this share of all files matches, or more."""

READ_PER_FILE = 100
"""How many rows are read in the list's order for each file of a page, before all matches are."""

EXPECTED = """
shares_of_elements AS MATERIALIZED (
    SELECT attname::text, element, frequency * (1 - null_frac) AS share
    FROM pg_stats
    CROSS JOIN unnest(most_common_elems::text::text[], most_common_elem_freqs) AS statistics (element, frequency)
    WHERE schemaname = current_schema() AND tablename = 'files' AND attname = ANY (%(columns)s)
),
expected AS MATERIALIZED (
    SELECT
        count(*) FILTER (WHERE searched.weight >= 0) = %(required)s
        AND min(share) >= %(common)s
        AND sum(searched.weight * ln(share)) >= ln(%(common)s) AS is_common
    FROM shares_of_elements
    JOIN unnest(%(columns)s::text[], %(elements)s::text[], %(weights)s::integer[])
        AS searched (attname, element, weight) USING (attname, element)
)"""
"""Whether common matches are expected: see `Element`. What isn't among the most common terms is rare. Logarithms
are compared, because PostgreSQL raises an error if a product is too small for its type. The statistics are a text,
and it is parsed once for each column, not for each element."""

EXPECTED_IN_ORDER = "expected AS (SELECT {has_order} AS is_common)"

WALK = """
walk AS MATERIALIZED (
    SELECT files.id, files.sort_key
    FROM (
        SELECT files.*, {sort_key} AS sort_key FROM files
        WHERE files.owner = %(owner)s {in_order}
        ORDER BY {order} LIMIT (SELECT %(walked)s::bigint)
    ) AS files
    WHERE (SELECT is_common FROM expected) {others}
    ORDER BY files.sort_key {direction}, files.id {direction}
    LIMIT %(fetched)s
)"""
"""The page, if the first rows in the list's order fill it, and PostgreSQL ends as soon as they do. With a limit
that it doesn't know, the planner reads the rows in their order."""

WALK_TO_THE_END_OF_ALL = """
walk AS MATERIALIZED (
    SELECT walked.id, walked.sort_key FROM ({of_first_owners}) AS walked WHERE (SELECT is_common FROM expected)
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
    WHERE (SELECT is_common FROM expected)
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
    SELECT id, sort_key FROM walk
    UNION
    SELECT id, sort_key FROM matching WHERE {sorts_matches}
    {unindexed}
    ORDER BY sort_key {direction}, id {direction}
    LIMIT %(fetched)s
)"""

IS_RARE = "NOT coalesce((SELECT is_common FROM expected), false)"
WALK_IS_NOT_FULL = "(SELECT count(*) FROM walk) < %(fetched)s"


def search_tables(conditions: Conditions, texts: dict[str, str], *, is_of_all: bool) -> list[str]:
    """Return the tables of a WITH clause, of which `found` has the ids and sort keys of the page's files. `texts`
    are the parts of the statement that it shares with others.

    Where the index of an order has the names, too, reading it to its end costs less than reading many matches.
    Otherwise rows are read in the order up to a limit, and then the matches.
    """
    unindexed = [HAS_NAME_PART_UNINDEXED if each == HAS_NAME_PART else each for each in conditions.all]
    texts = {
        **texts,
        "has_order": "true" if conditions.in_order else "false",
        "in_order": join_conditions([*conditions.in_order, *conditions.after]),
        "others": join_conditions(conditions.others),
        "all_conditions": join_conditions(conditions.all),
        "unindexed_conditions": join_conditions(unindexed),
        "has_terms": join_conditions(conditions.has_terms),
    }
    tables = [EXPECTED if conditions.elements else EXPECTED_IN_ORDER, MATCHING]
    texts["sorts_matches"] = IS_RARE if conditions.is_of_names else WALK_IS_NOT_FULL
    texts["unindexed"] = f"UNION {UNINDEXED}".format(**texts) if conditions.has_terms else ""
    walk = WALK
    if is_of_all:
        walk = WALK_TO_THE_END_OF_ALL if conditions.is_of_names else WALK_OF_ALL
    tables += [walk, FOUND]
    return [table.format(**texts) for table in tables]


def search_parameters(conditions: Conditions, fetched: int) -> dict[str, Any]:
    """Return the parameters of the tables. `fetched` is how many files the page has, and one."""
    return {
        "columns": [element.column for element in conditions.elements],
        "elements": [element.value for element in conditions.elements],
        "weights": [element.weight for element in conditions.elements],
        "required": sum(element.weight >= 0 for element in conditions.elements),
        "common": COMMON,
        "walked": None if conditions.is_of_names else READ_PER_FILE * fetched,
    }


def join_conditions(conditions: list[str]) -> str:
    """Return the conditions as they follow another one."""
    return "".join(f" AND {condition}" for condition in conditions)
