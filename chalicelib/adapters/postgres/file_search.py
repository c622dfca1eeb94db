"""The part of a list's statement that finds files which no index has in the list's order.

A few matches are best read by the index of their terms or words and sorted; of many, it is best to read the list
in its order until the page is full. Which one it is isn't known before, so the statement tries one after the
other, and each attempt ends in time (docs/decisions/0044-search.md).
"""

from typing import Any

from chalicelib.adapters.postgres.list_conditions import (
    HAS_NAME_PART,
    HAS_NAME_PART_UNINDEXED,
    HAS_TERMS,
    Conditions,
)

COMMON = 0.005
"""A term is common that this share of all files has."""

WALKED_PER_FILE = 100
"""How many rows are read in the list's order for each file of the page, before the index of terms."""

SORTED_PER_FILE = 10
"""How many matches are read for each file of the page, where there is a cheap way to read the whole list."""

EXPECTED = """
expected AS MATERIALIZED (
    SELECT count(*) = cardinality(%(elements)s) AND min(frequency) >= %(common)s AS is_common
    FROM pg_stats
    CROSS JOIN unnest(most_common_elems::text::text[], most_common_elem_freqs) AS statistics (element, frequency)
    WHERE schemaname = current_schema() AND tablename = 'files'
        AND (attname, element) IN (SELECT * FROM unnest(%(columns)s, %(elements)s))
)"""
"""Whether all terms and words are common, by the statistics of the last ANALYZE. Without any they are rare."""

EXPECTED_COMMON = "expected AS (SELECT true AS is_common)"

WALK = """
walk AS MATERIALIZED (
    SELECT files.id, files.sort_key
    FROM (
        SELECT files.*, {sort_key} AS sort_key FROM files
        WHERE files.owner = %(owner)s {in_order}
        ORDER BY {order} LIMIT %(walked)s
    ) AS files
    WHERE (SELECT is_common FROM expected) {others}
    ORDER BY files.sort_key {direction}, files.id {direction}
    LIMIT %(fetched)s
)"""
"""The page, if the first rows in the list's order fill it."""

NO_WALK = "walk AS (SELECT files.id, {sort_key} AS sort_key FROM files WHERE false)"

MATCHING = """
matching AS MATERIALIZED (
    SELECT files.id, {sort_key} AS sort_key FROM {source} WHERE {owned} {all_conditions} {has_terms}
)"""
"""All files, in no order. PostgreSQL reads no more of them than are asked for."""

PROBE = """
probe AS MATERIALIZED (
    SELECT count(*) > %(sorted)s AS is_exceeded
    FROM (
        SELECT FROM matching WHERE (SELECT count(*) FROM walk) < %(fetched)s LIMIT %(sorted)s + 1
    ) AS first_matches
)"""
"""Whether there are too many to sort."""

LONG_WALK = """
long_walk AS MATERIALIZED (
    SELECT files.id, files.sort_key
    FROM (
        SELECT files.*, {sort_key} AS sort_key FROM files
        WHERE files.owner = %(owner)s {in_order}
        ORDER BY {order} LIMIT (SELECT 1000000000)
    ) AS files
    WHERE (SELECT is_exceeded FROM probe) {others}
    ORDER BY files.sort_key {direction}, files.id {direction}
    LIMIT %(fetched)s
)"""
"""The page, wherever it ends. With a limit that it doesn't know, the planner reads the list in its order."""

LONG_WALK_OF_ALL = """
long_walk AS MATERIALIZED (
    SELECT walked.id, walked.sort_key FROM ({of_first_owners}) AS walked WHERE (SELECT is_exceeded FROM probe)
)"""

MATCHES_OF_FOUND = """
SELECT id, sort_key FROM matching WHERE (SELECT count(*) FROM walk) < %(fetched)s"""

FOUND = """
found AS (
    {arms}
    ORDER BY sort_key {direction}, id {direction}
    LIMIT %(fetched)s
)"""

UNINDEXED = """
SELECT files.id, {sort_key} AS sort_key FROM {source}
WHERE {owned} AND files.search_terms IS NULL {unindexed_conditions}"""
"""Files whose terms aren't stored yet: they aren't processed, or older code has stored them."""


def search_tables(conditions: Conditions, texts: dict[str, str], *, is_of_all: bool) -> list[str]:
    """Return the tables of a WITH clause, of which `found` has the ids and sort keys of the page's files. `texts`
    are the parts of the statement that it shares with others."""
    has_long_walk = is_of_all or conditions.is_of_names
    arms = ["SELECT id, sort_key FROM walk", MATCHES_OF_FOUND]
    tables = [EXPECTED if conditions.elements else EXPECTED_COMMON, NO_WALK if is_of_all else WALK, MATCHING]
    if has_long_walk:
        tables += [PROBE, LONG_WALK_OF_ALL if is_of_all else LONG_WALK]
        arms[1] += " AND NOT (SELECT is_exceeded FROM probe)"
        arms.append("SELECT id, sort_key FROM long_walk")
    if conditions.terms:
        arms.append(UNINDEXED)
    unindexed = [HAS_NAME_PART_UNINDEXED if each == HAS_NAME_PART else each for each in conditions.all]
    texts = {
        **texts,
        "in_order": join_conditions([*conditions.in_order, *conditions.after]),
        "others": join_conditions(conditions.others),
        "all_conditions": join_conditions(conditions.all),
        "unindexed_conditions": join_conditions(unindexed),
        "has_terms": join_conditions([HAS_TERMS] if conditions.terms else []),
    }
    tables.append(FOUND.replace("{arms}", " UNION ".join(arms)))
    return [table.format(**texts) for table in tables]


def search_parameters(conditions: Conditions, fetched: int, *, is_of_all: bool) -> dict[str, Any]:
    """Return the parameters of the tables. `fetched` is how many files the page has, and one."""
    return {
        "columns": [column for column, _ in conditions.elements],
        "elements": [element for _, element in conditions.elements],
        "common": COMMON,
        "walked": WALKED_PER_FILE * fetched,
        "sorted": (WALKED_PER_FILE if is_of_all else SORTED_PER_FILE) * fetched,
    }


def join_conditions(conditions: list[str]) -> str:
    """Return the conditions as they follow another one."""
    return "".join(f" AND {condition}" for condition in conditions)
