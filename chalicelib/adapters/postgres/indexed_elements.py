"""The conditions on terms and words that a search gives to their indexes (docs/decisions/0044-search.md).

Most files have some of their terms in common. Where an index has a million files for a term, PostgreSQL decodes a
page of it for each file that it compares, which takes longer than to read the file. So only rare terms are looked
up, and the other conditions compare the rows that were found.
"""

from typing import Any

from chalicelib.adapters.postgres.list_conditions import Conditions
from chalicelib.adapters.postgres.search_statistics import SearchStatistics
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.search_terms import owner_term, owner_word

LOOKED_UP = 3
"""How many terms of a name are looked up: a fourth one hardly leaves out any more files."""

FREQUENT = 0.5
"""An owner or a type isn't looked up if this share of all files has it, or more."""

HAS_TERM = "files.search_terms @> (SELECT ARRAY[%(term_{number})s::int])"
"""Terms in conditions of their own are compared in a third of the time, because PostgreSQL skips from each list of
files to the next common one. Each is in a SELECT, to hide it from the planner."""

HAS_TERMS = "files.search_terms @> (SELECT %(terms)s::int[])"
"""Together they count as one condition for the planner, which otherwise expects far too few files, and leaves out
an index that this one has to be used with."""

HAS_TYPE_TERMS = "files.search_terms @> %(terms)s::int[]"
"""Of a type it knows how many files have it."""


def term_conditions(
    conditions: Conditions, owners: Owners, statistics: SearchStatistics
) -> tuple[list[str], dict[str, Any]]:
    """Return conditions, the rarest term first, and their parameters; none if no term is worth being looked up."""
    terms = rarest_terms(conditions.name_terms, statistics, LOOKED_UP)
    terms += infrequent_terms(conditions.type_terms, statistics)
    if not terms:
        return [], {}
    terms += infrequent_terms(owner_terms(owners), statistics)
    terms.sort(key=statistics.share_of_term)
    if not conditions.name_terms:
        return [HAS_TYPE_TERMS], {"terms": terms}
    if not conditions.is_of_terms:
        return [HAS_TERMS], {"terms": terms}
    parameters = {f"term_{number}": term for number, term in enumerate(terms)}
    return [HAS_TERM.format(number=number) for number in range(len(terms))], parameters


def rarest_terms(terms: list[int], statistics: SearchStatistics, count: int) -> list[int]:
    """Return up to so many of the terms that the fewest files have."""
    return sorted(terms, key=statistics.share_of_term)[:count]


def infrequent_terms(terms: list[int], statistics: SearchStatistics) -> list[int]:
    """Return those of the terms that are worth being looked up."""
    return [term for term in terms if statistics.share_of_term(term) < FREQUENT]


def owner_terms(owners: Owners) -> list[int]:
    """Return the owner's term; none for all owners."""
    return [] if isinstance(owners, AllOwners) else [owner_term(owners)]


def words_query(words: list[str], owners: Owners, statistics: SearchStatistics) -> str:
    """Return the text of a `tsquery` for all of the words, which have no quotes. Without words no file matches."""
    if words and not isinstance(owners, AllOwners):
        word = owner_word(owners)
        if statistics.share_of_word(word) < FREQUENT:
            words = [word, *words]
    return " & ".join(f"'{word}'" for word in words)
