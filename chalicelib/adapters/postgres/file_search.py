"""The part of a list's statement that finds files which no index has in the list's order.

A few matches are best read by the index of their terms or words and sorted; of many, it is best to read the list
in its order until the page is full. The statistics of the last ANALYZE say which one to try first
(docs/decisions/0044-search.md).
"""

from typing import Any

from chalicelib.adapters.postgres.list_conditions import (
    HAS_NAME_PART,
    HAS_NAME_PART_UNINDEXED,
    HAS_TERMS,
    Conditions,
)

COMMON = 0.005
"""Matches are common if this share of all files matches, or more."""

READ_PER_FILE = 100
"""How many rows are read for each file of a page, before another way is tried."""

EXPECTED = """
expected AS MATERIALIZED (
    SELECT
        count(*) FILTER (WHERE searched.weight >= 0) = %(required)s
        AND min(statistics.frequency) >= %(common)s
        AND exp(sum(searched.weight * ln(statistics.frequency))) >= %(common)s AS is_common
    FROM pg_stats
    CROSS JOIN unnest(most_common_elems::text::text[], most_common_elem_freqs) AS statistics (element, frequency)
    JOIN unnest(%(columns)s::text[], %(elements)s::text[], %(weights)s::integer[])
        AS searched (attname, element, weight) USING (attname, element)
    WHERE schemaname = current_schema() AND tablename = 'files'
)"""
"""Whether common matches are expected: see `Element`. What isn't among the most common terms is rare."""

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

WALK_OF_ALL = """
walk AS MATERIALIZED (
    SELECT walked.id, walked.sort_key FROM ({of_first_owners}) AS walked WHERE {is_wanted}
)"""

MATCHING = """
matching AS MATERIALIZED (
    SELECT files.id, {sort_key} AS sort_key FROM {source} WHERE {owned} {all_conditions} {has_terms}
)"""
"""All matches, in no order. PostgreSQL reads no more of them than are asked for."""

PROBE = """
probe AS MATERIALIZED (
    SELECT count(*) > %(walked)s AS is_exceeded
    FROM (SELECT FROM matching LIMIT %(walked)s + 1) AS first_matches
)"""
"""Whether there are too many to sort."""

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

IS_COMMON = "(SELECT is_common FROM expected)"
IS_EXCEEDED = "(SELECT is_exceeded FROM probe)"
WALK_IS_FULL = "(SELECT count(*) FROM walk) = %(fetched)s"


def search_tables(conditions: Conditions, texts: dict[str, str], *, is_of_all: bool) -> list[str]:
    """Return the tables of a WITH clause, of which `found` has the ids and sort keys of the page's files. `texts`
    are the parts of the statement that it shares with others.

    Where the index of an order has the names, too, reading it to its end costs less than reading many matches.
    Otherwise the rows of an owner's list are read up to a limit, before the matches. All owners' lists have no
    rows to read in their order up to a limit: matches are read up to it instead.
    """
    unindexed = [HAS_NAME_PART_UNINDEXED if each == HAS_NAME_PART else each for each in conditions.all]
    texts = {
        **texts,
        "has_order": "true" if conditions.in_order else "false",
        "in_order": join_conditions([*conditions.in_order, *conditions.after]),
        "others": join_conditions(conditions.others),
        "all_conditions": join_conditions(conditions.all),
        "unindexed_conditions": join_conditions(unindexed),
        "has_terms": join_conditions([HAS_TERMS] if conditions.terms else []),
    }
    tables = [EXPECTED if conditions.elements else EXPECTED_IN_ORDER, MATCHING]
    texts["is_wanted"] = IS_COMMON
    texts["sorts_matches"] = f"NOT coalesce({IS_COMMON}, false)"
    if is_of_all and not conditions.is_of_names:
        tables.append(PROBE)
        texts["is_wanted"] = IS_EXCEEDED
        texts["sorts_matches"] = f"NOT {IS_EXCEEDED}"
    elif not conditions.is_of_names:
        texts["sorts_matches"] = f"NOT {WALK_IS_FULL}"
    texts["unindexed"] = f"UNION {UNINDEXED}".format(**texts) if conditions.terms else ""
    tables += [WALK_OF_ALL if is_of_all else WALK, FOUND]
    return [table.format(**texts) for table in tables]


def search_parameters(conditions: Conditions, fetched: int, *, is_of_all: bool) -> dict[str, Any]:
    """Return the parameters of the tables. `fetched` is how many files the page has, and one."""
    is_to_the_end = conditions.is_of_names and not is_of_all
    return {
        "columns": [element.column for element in conditions.elements],
        "elements": [element.value for element in conditions.elements],
        "weights": [element.weight for element in conditions.elements],
        "required": sum(element.weight >= 0 for element in conditions.elements),
        "common": COMMON,
        "walked": None if is_to_the_end else READ_PER_FILE * fetched,
    }


def join_conditions(conditions: list[str]) -> str:
    """Return the conditions as they follow another one."""
    return "".join(f" AND {condition}" for condition in conditions)
