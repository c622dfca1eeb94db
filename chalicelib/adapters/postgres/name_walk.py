"""The first matches of one owner, read in an index that has the names as well as the list's order."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from chalicelib.adapters.postgres.indexed_elements import infrequent_terms, owner_terms, rarest_terms
from chalicelib.adapters.postgres.list_conditions import Conditions
from chalicelib.adapters.postgres.name_ranges import NameRange, divide_names
from chalicelib.adapters.postgres.search_statistics import SearchStatistics
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.search_terms import normalize_text

HAS_NAME_PART_HIDDEN = "files.search_name LIKE (SELECT %(name_pattern)s)"
"""In a SELECT, to hide it from the planner, which reads the index in its order if it knows neither how many names
match nor how many are asked for."""

WALK_OF_NAMES = f"""
walk AS MATERIALIZED (
    SELECT files.id, {{sort_key}} AS sort_key FROM files
    WHERE files.owner = %(owner)s AND {HAS_NAME_PART_HIDDEN} {{in_order}}
    ORDER BY {{order}} LIMIT (SELECT %(fetched)s::bigint)
)"""

WALK_OF_RANGES = f"""
walk AS MATERIALIZED (
    SELECT in_range.id, in_range.sort_key
    FROM unnest(%(starts)s::text[], %(ends)s::text[], %(first_terms)s::int[], %(second_terms)s::int[])
        AS ranges (first_name, next_name, first_term, second_term)
    CROSS JOIN LATERAL (
        SELECT files.id, files.name AS sort_key FROM files
        WHERE files.owner = %(owner)s AND {HAS_NAME_PART_HIDDEN} {{in_order}}
            AND files.name >= ranges.first_name COLLATE "C" AND files.name < ranges.next_name COLLATE "C"
            AND (ranges.first_term IS NULL OR ({{has_rarest_terms}} AND {{has_all_terms}}))
        ORDER BY {{order}} LIMIT (SELECT %(fetched)s::bigint)
    ) AS in_range
    LIMIT %(fetched)s
)"""
"""PostgreSQL reads one range after the other, as LATERAL demands, until the page is full. Before it reads one that
has terms, it looks for any file with these terms and those that are searched for."""

HAS_FILE = """
coalesce((SELECT true FROM files WHERE files.owner = %(owner)s {has_terms} LIMIT (SELECT 1)), false)"""
"""With a known limit of 1 PostgreSQL would look for that file in the table, without an index."""

LOOKED_UP_PER_RANGE = 2
"""How many terms of a range and of the part that is searched for are looked up before a range is read: one of each
first, which takes a third of the time, and the others only if a file has these."""


def walk_of_names(
    owner: Owners, query: ListQuery, conditions: Conditions, statistics: SearchStatistics
) -> tuple[str, dict[str, Any]]:
    """Return the table `walk` and its parameters."""
    if query.order.key != "name":
        return WALK_OF_NAMES, {}
    of_part = _parameters("part_term", rarest_terms(conditions.name_terms, statistics, LOOKED_UP_PER_RANGE))
    of_owner = _parameters("owner_term", infrequent_terms(owner_terms(owner), statistics))
    rarest = next(iter(of_part))
    ranges = _remaining_ranges(query, statistics)
    range_terms = [rarest_terms(each.terms, statistics, LOOKED_UP_PER_RANGE) for each in ranges]
    parameters = {
        **of_part,
        **of_owner,
        "starts": [each.start for each in ranges],
        "ends": [each.end for each in ranges],
        "first_terms": [each[0] if each else None for each in range_terms],
        "second_terms": [each[-1] if each else None for each in range_terms],
    }
    walk = WALK_OF_RANGES.replace("{has_rarest_terms}", _has_file(["ranges.first_term"], [rarest], of_owner))
    walk = walk.replace(
        "{has_all_terms}", _has_file(["ranges.first_term", "ranges.second_term"], of_part, of_owner)
    )
    return walk, parameters


def _has_file(columns: list[str], *parameters: Iterable[str]) -> str:
    """Return the condition that a file has the terms in these columns of the range, and in these parameters."""
    terms = [*columns, *(f"(SELECT %({name})s::int)" for name in chain(*parameters))]
    has_terms = "".join(f" AND files.search_terms @> ARRAY[{term}]" for term in terms)
    return HAS_FILE.replace("{has_terms}", has_terms)


def _parameters(prefix: str, terms: list[int]) -> dict[str, Any]:
    return {f"{prefix}_{number}": term for number, term in enumerate(terms)}


def _remaining_ranges(query: ListQuery, statistics: SearchStatistics) -> list[NameRange]:
    """Return the ranges of the pages from this one on, in the list's order."""
    ranges = divide_names(statistics.names, normalize_text(query.name_contains or ""))
    descending = query.order.descending
    if query.after is not None:
        last = str(query.after.key)
        ranges = [each for each in ranges if (each.start <= last if descending else each.end > last)]
    return ranges[::-1] if descending else ranges
