"""Which terms and words a search looks up."""

from typing import Any

from chalicelib.adapters.postgres.indexed_elements import HAS_TERMS, HAS_TYPE_TERMS, term_conditions, words_query
from chalicelib.adapters.postgres.list_conditions import list_conditions
from chalicelib.adapters.postgres.search_statistics import NO_STATISTICS, SearchStatistics
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery
from chalicelib.core.files.search_terms import name_terms, owner_term, owner_word, type_term
from chalicelib.core.files.statuses import Status

OWNER = "ada"


def shares(*, of_terms: dict[int, float], of_words: dict[str, float] | None = None) -> SearchStatistics:
    terms = {("search_terms", str(term)): share for term, share in of_terms.items()}
    words = {("search_words", word): share for word, share in (of_words or {}).items()}
    return SearchStatistics(terms | words, [])


def looked_up(statistics: SearchStatistics, owners: Owners = OWNER, **filters: Any) -> tuple[list[str], list[int]]:
    """Return the conditions, and the terms in their order."""
    conditions, parameters = term_conditions(list_conditions(owners, ListQuery(**filters)), owners, statistics)
    terms = parameters.get("terms") or list(parameters.values())
    return conditions, terms


def test_the_rarest_terms_of_a_name_are_looked_up_each_by_itself() -> None:
    [pho, hot, oto] = [name_terms(gram)[0] for gram in ("pho", "hot", "oto")]
    statistics = shares(of_terms={pho: 0.1, hot: 0.3, oto: 0.2, name_terms("to ")[0]: 0.4})
    conditions, terms = looked_up(statistics, AllOwners.ALL, name_contains="photo ")
    assert (len(conditions), terms) == (3, [pho, oto, hot])


def test_a_frequent_owner_or_type_is_not_looked_up() -> None:
    owner, of_type, [part] = owner_term(OWNER), type_term("text/csv"), name_terms("abc")
    few = shares(of_terms={owner: 0.4, of_type: 0.3, part: 0.9})
    assert looked_up(few, name_contains="abc", type="text/csv")[1] == [of_type, owner, part]
    most = shares(of_terms={owner: 0.5, of_type: 0.5, part: 0.9})
    assert looked_up(most, name_contains="abc", type="text/csv")[1] == [part]
    assert looked_up(most, type="text/csv", mismatch=True) == ([], [])


def test_with_other_conditions_terms_are_looked_up_together() -> None:
    by_name = {"name_contains": "abc", "status": Status.FAILED}
    assert looked_up(NO_STATISTICS, **by_name)[0] == [HAS_TERMS]
    assert looked_up(NO_STATISTICS, type="text/csv", mismatch=True)[0] == [HAS_TYPE_TERMS]
    assert looked_up(NO_STATISTICS, mismatch=True, status=Status.FAILED) == ([], [])


def test_the_word_of_a_frequent_owner_is_not_looked_up() -> None:
    word = owner_word(OWNER)
    assert words_query(["a", "b"], OWNER, NO_STATISTICS) == f"'{word}' & 'a' & 'b'"
    assert words_query(["a"], OWNER, shares(of_terms={}, of_words={word: 0.5})) == "'a'"
    assert words_query(["a"], AllOwners.ALL, NO_STATISTICS) == "'a'"
    assert words_query([], OWNER, NO_STATISTICS) == ""
