"""What PostgreSQL's statistics say about the files that a search may find (docs/decisions/0044-search.md)."""

import math
import time
from collections.abc import Callable, Iterable

from msgspec import Struct

from chalicelib.adapters.postgres.database import Database
from chalicelib.adapters.postgres.list_conditions import Element

SECONDS_KEPT = 300.0
"""PostgreSQL makes new statistics when a tenth of the files has changed."""

READ = """
SELECT
    attname::text AS column_name,
    most_common_elems::text::text[] AS elements,
    most_common_elem_freqs AS frequencies,
    null_frac,
    CASE WHEN attname = 'name' THEN histogram_bounds::text::text[] END AS bounds
FROM pg_stats
WHERE schemaname = current_schema() AND tablename = 'files'
    AND attname IN ('name', 'search_terms', 'search_words')
"""
"""https://www.postgresql.org/docs/current/view-pg-stats.html"""


class SearchStatistics(Struct, frozen=True):
    """The statistics of the last ANALYZE, of all owners' files. Only the cost of a search depends on them."""

    shares: dict[tuple[str, str], float]
    """By column and element: the share of all files that have it. What isn't there is rare."""
    names: list[str]
    """Some names in their order, with as many files between any two neighbours."""

    def expect_share(self, elements: Iterable[Element]) -> float:
        """Return which share of all files is expected to have all of the elements: 0 if one of them is rare."""
        least, product = 1.0, 0.0
        for element in elements:
            share = self._share_of(element.column, element.value)
            if element.weight >= 0:
                least = min(least, share)
            product += element.weight * math.log(share) if share else 0.0
        return min(least, math.exp(min(product, 0.0)))

    def share_of_term(self, term: int) -> float:
        """Return which share of all files has the term."""
        return self._share_of("search_terms", str(term))

    def share_of_word(self, word: str) -> float:
        """Return which share of all files has the word."""
        return self._share_of("search_words", word)

    def _share_of(self, column: str, element: str) -> float:
        return self.shares.get((column, element), 0.0)


NO_STATISTICS = SearchStatistics({}, [])


class SearchStatisticsReader:
    """Reads the statistics when a search needs them, and keeps them for SECONDS_KEPT.

    Within the statement of each search it would take as long as the rest of it.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._kept = NO_STATISTICS
        self._end = -math.inf

    def read(self) -> SearchStatistics:
        """Return the statistics. Raises ServiceError(DATABASE_UNAVAILABLE)."""
        if self._clock() >= self._end:
            shares, names = dict[tuple[str, str], float](), list[str]()
            for row in self._database.read(READ):
                names = row.bounds or names
                for element, frequency in zip(row.elements or [], row.frequencies or [], strict=False):
                    shares[row.column_name, element] = frequency * (1 - row.null_frac)
            self._kept, self._end = SearchStatistics(shares, names), self._clock() + SECONDS_KEPT
        return self._kept
