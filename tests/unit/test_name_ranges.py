"""Ranges of names that a search in the order of names may leave out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.postgres.name_ranges import AFTER_ALL_NAMES, divide_names
from chalicelib.core.files.search_terms import file_terms, name_terms, normalize_text

TEXTS = st.text(st.one_of(st.sampled_from("aAbé\u0301"), st.characters(exclude_categories=["Cs"])), max_size=8)
BEGINNINGS = st.sampled_from(["", "aab", "Aab", "bább", "abé", "\ud7ff\ud7ffa\ud7ff", "\U0010ffff" * 3])
NAMES = st.builds(str.__add__, BEGINNINGS, TEXTS)


def skipped(names: list[str], part: str) -> list[tuple[str, str]]:
    return [(each.start, each.end) for each in divide_names(sorted(names), part) if each.terms]


@given(st.lists(NAMES), NAMES, TEXTS)
def test_each_name_is_in_one_range_and_has_its_terms(known: list[str], name: str, part: str) -> None:
    ranges = divide_names(sorted(known), normalize_text(part) or "x")
    assert [each.end for each in ranges[:-1]] == [each.start for each in ranges[1:]]
    assert (ranges[0].start, ranges[-1].end) == ("", AFTER_ALL_NAMES)
    for each in (name, *known):
        [found] = [one for one in ranges if one.start <= each < one.end]
        assert set(found.terms) <= set(file_terms("owner", normalize_text(each), None))


def test_a_frequent_beginning_without_matches_may_be_left_out() -> None:
    names = ["Backup 1", "Backup 2", "data 1", "photo 1", "photo 2", "table 1", "table 2"]
    assert skipped(names, "photo") == [("Backup ", "Backup!"), ("table ", "table!")]
    [backup, _] = [each for each in divide_names(names, "photo") if each.terms]
    assert set(backup.terms) == set(name_terms("backup "))


def test_a_beginning_of_which_some_names_match_is_divided() -> None:
    names = [f"2026-0{month} {word}" for month in (1, 2, 3) for word in ("a", "b")]
    assert skipped([*names, "2026-02 photo"], "photo") == [("2026-01 ", "2026-01!"), ("2026-03 ", "2026-03!")]


@pytest.mark.parametrize(
    ("names", "part"),
    [
        ([], "photo"),
        (["aaa 1", "bbb 1"], "photo"),
        (["aab", "aac"], "photo"),  # without three characters that they have in common
        (["a photo 1", "a photo 2"], "photo"),
        (["a photo", "a photo"], "photo"),
        (
            ["abab 1", "abab 2"],
            "bababa",
        ),  # "bab" and "aba": all the terms of the beginning "abab", but for the end
    ],
)
def test_other_names_are_read(names: list[str], part: str) -> None:
    if part == "bababa":
        names = ["aba1", "aba2"]
    assert skipped(names, part) == []
