"""The first matches of one owner, read in an index that has the names as well as the list's order."""

from typing import Any

from chalicelib.adapters.postgres.indexed_elements import infrequent_terms, owner_terms, rarest_terms
from chalicelib.adapters.postgres.list_conditions import Conditions
from chalicelib.adapters.postgres.name_ranges import NameRange, divide_names
from chalicelib.adapters.postgres.search_statistics import SearchStatistics
from chalicelib.core.accounts.model import Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.search_terms import normalize_text

HAS_NAME_PART = "files.search_name LIKE (SELECT %(name_pattern)s)"
"""In a SELECT, to hide it from the planner, which reads the index in its order if it knows neither how many names
match nor how many are asked for."""

WALK = f"""
walk AS MATERIALIZED (
    SELECT files.id, {{sort_key}} AS sort_key FROM files
    WHERE files.owner = %(owner)s AND {HAS_NAME_PART} {{in_order}}
    ORDER BY {{order}} LIMIT (SELECT %(fetched)s::bigint)
)"""

WALK_OF_RANGES = f"""
walk AS MATERIALIZED (
    SELECT in_range.id, in_range.sort_key
    FROM unnest(%(starts)s::text[], %(ends)s::text[], %(first_terms)s::int[], %(second_terms)s::int[])
        AS ranges (first_name, next_name, first_term, second_term)
    CROSS JOIN LATERAL (
        SELECT files.id, files.name AS sort_key FROM files
        WHERE files.owner = %(owner)s AND {HAS_NAME_PART} {{in_order}}
            AND files.name >= ranges.first_name COLLATE "C" AND files.name < ranges.next_name COLLATE "C"
            AND (ranges.first_term IS NULL OR (
                SELECT true FROM files
                WHERE files.owner = %(owner)s
                    AND files.search_terms @> ARRAY[ranges.first_term]
                    AND files.search_terms @> ARRAY[ranges.second_term]
                    {{has_searched_terms}}
                LIMIT (SELECT 1)
            ))
        ORDER BY {{order}} LIMIT (SELECT %(fetched)s::bigint)
    ) AS in_range
    LIMIT %(fetched)s
)"""
"""PostgreSQL reads one range after the other, as LATERAL demands, until the page is full. Before it reads one that
has terms, it looks for any file with these terms and those that are searched for. With a known limit of 1 it would
look for that file in the table, without an index."""

LOOKED_UP = 2
"""How many terms of a range and of the part that is searched for are looked up before a range is read."""


def walk_of_names(
    owner: Owners, query: ListQuery, conditions: Conditions, statistics: SearchStatistics
) -> tuple[str, dict[str, Any]]:
    """Return the table `walk` and its parameters."""
    if query.order.key != "name":
        return WALK, {}
    terms = rarest_terms(conditions.name_terms, statistics, LOOKED_UP)
    terms += infrequent_terms(owner_terms(owner), statistics)
    has_terms = [f"AND files.search_terms @> (SELECT ARRAY[%(searched_{n})s::int])" for n in range(len(terms))]
    parameters: dict[str, Any] = {f"searched_{number}": term for number, term in enumerate(terms)}
    ranges = _remaining_ranges(query, statistics)
    range_terms = [rarest_terms(each.terms, statistics, LOOKED_UP) for each in ranges]
    parameters |= {
        "starts": [each.start for each in ranges],
        "ends": [each.end for each in ranges],
        "first_terms": [each[0] if each else None for each in range_terms],
        "second_terms": [each[-1] if each else None for each in range_terms],
    }
    return WALK_OF_RANGES.replace("{has_searched_terms}", " ".join(has_terms)), parameters


def _remaining_ranges(query: ListQuery, statistics: SearchStatistics) -> list[NameRange]:
    """Return the ranges of the pages from this one on, in the list's order."""
    ranges = divide_names(statistics.names, normalize_text(query.name_contains or ""))
    descending = query.order.descending
    if query.after is not None:
        last = str(query.after.key)
        ranges = [each for each in ranges if (each.start <= last if descending else each.end > last)]
    return ranges[::-1] if descending else ranges
