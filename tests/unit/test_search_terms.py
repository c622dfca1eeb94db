"""What files are found by."""

import math
import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.files.search_terms import (
    MAX_WORDS,
    expected_share,
    file_terms,
    name_terms,
    normalize_text,
    result_words,
    text_words,
)


@pytest.mark.parametrize(
    ("text", "normalized"),
    [
        ("Résumé", "resume"),
        ("ǅ", "dz"),
        ("Straße", "strasse"),
        ("①", "1"),
        ("™", "tm"),
        ("ﬁ", "fi"),
        ("Ｆ", "f"),
        ("İ", "i"),
        ("Ἀθῆναι", "αθηναι"),
        ("ÅNGSTRÖM", "angstrom"),
        ("\u212b", "a"),
    ],
)
def test_normalized_texts(text: str, normalized: str) -> None:
    assert normalize_text(text) == normalized


@given(st.text())
def test_forms_of_a_text_are_the_same_text(text: str) -> None:
    normalized = normalize_text(text)
    assert normalize_text(normalized) == normalized
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalize_text(unicodedata.normalize(form, text)) == normalized


@given(st.text(max_size=20), st.integers(0, 20), st.integers(1, 20))
def test_a_name_has_all_terms_of_its_parts(name: str, start: int, length: int) -> None:
    normalized = normalize_text(name)
    part = normalized[start : start + length]
    assert set(name_terms(part)) <= set(file_terms("owner", normalized, None))


def test_terms_tell_owners_types_and_names_apart() -> None:
    terms = [
        set(file_terms(*columns))
        for columns in [("a", "a", None), ("b", "a", None), ("a", "b", None), ("a", "a", "a/b"), ("a", "a", "b/a")]
    ]
    assert len({frozenset(each) for each in terms}) == len(terms)
    assert all(-(2**31) <= term < 2**31 for each in terms for term in each)


@pytest.mark.parametrize("part", ["photo", "photo ", "o 1", "ph", "p", "photo 12"])
def test_the_expected_share_of_names_is_near_the_real_one(part: str) -> None:
    names = [f"{word} {number}" for word in ("photo", "scan", "photograph", "note") for number in range(300)]
    found = Counter(term for name in names for term in file_terms("owner", name, None))
    shares = {term: count / len(names) for term, count in found.items()}
    expected = math.prod(shares[term] ** weight for term, weight in expected_share(part))
    real = sum(part in name for name in names) / len(names)
    assert real / 2 < expected < real * 2


def test_words_of_facts_that_are_texts() -> None:
    result = {
        "mail": {
            "version": 4,
            "subject": "Re: Été_2026",
            "from": "Ada <ada@example.com>",
            "format": "eml",
            "attachments": [{"name": "plan.pdf", "type": "application/pdf"}],
            "first_message": {"subject": "first"},
        }
    }
    owner, *words = result_words("ada", result)
    assert owner.startswith("@")
    assert words == ["re", "ete", "2026", "ada", "example", "com", "plan", "pdf", "first"]


@pytest.mark.parametrize("result", [None, {}, {"csv": {"version": 3, "delimiter": ";"}}])
def test_a_result_without_texts_has_no_words(result: dict[str, object] | None) -> None:
    assert result_words("ada", result) == []


def test_many_words_are_cut() -> None:
    preview = " ".join(f"word{number}" for number in range(2 * MAX_WORDS))
    assert len(result_words("ada", {"text": {"preview": preview}})) == 1 + MAX_WORDS
    assert text_words("x" * 9999) == ["x" * 64]


def test_texts_without_spaces_have_pairs_of_characters() -> None:
    assert text_words("東京都 tokyo") == ["東", "京", "都", "東京", "京都", "tokyo"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("किताब, तमिल", ["किताब", "तमिल"]),
        ("தமிழ்", ["தமிழ"]),
        ("ไทย", ["ไ", "ท", "ย", "ไท", "ทย"]),
        ("a\ufe0f 1\ufe0f\u20e3 ❤\ufe0f b‿c", ["a", "1", "b", "c"]),
    ],
)
def test_vowel_signs_are_in_words_and_symbols_are_not(text: str, words: list[str]) -> None:
    assert text_words(text) == words


@given(st.text())
def test_words_have_no_quotes(text: str) -> None:
    assert not set("'\\ ") & set("".join(text_words(text)))
