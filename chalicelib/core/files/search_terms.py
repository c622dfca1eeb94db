"""What files are found by: parts of their names, and words of the texts that processing extracted.

Both are without differences of case, accents and forms of Unicode. They are computed here and stored beside the
file, because what PostgreSQL has for that differs between versions and installations.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any
from zlib import crc32

GRAM_LENGTH = 3
"""Characters. A shorter text that is searched for is a gram itself."""

MAX_WORDS = 1000
"""Different words that are stored of a file."""

MAX_WORD_LENGTH = 64
"""Characters, which is where longer words are cut."""

TEXT_FACTS = frozenset(
    {
        *("title", "subject", "author", "artist", "album", "preview"),
        *("from", "to", "cc", "name", "names", "sheet_names", "keys"),
    }
)
"""The names of facts whose texts are searched, wherever they are in a result."""

_NOT_IN_WORDS = re.compile(r"[^\w\x00-\x7f]")
_WORD = re.compile(r"[^\W_]+(?:[^\x00-\x7f][^\W_]*)*")
"""Of a text in which `_keep_vowel_sign` replaced other characters."""

_VARIATION_SELECTORS = frozenset(map(chr, range(0xFE00, 0xFE10)))
"""They follow a symbol or a digit, and say whether it is shown as an emoji."""

_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese: nothing separates their words."""


def normalize_text(text: str) -> str:
    """Return the text without differences that a search ignores: of case, accents and the forms of Unicode.

    https://www.unicode.org/reports/tr15/ (NFKD), https://www.unicode.org/reports/tr44/#Canonical_Combining_Class
    """
    if text.isascii():
        return text.lower()
    folded = _without_marks(text).casefold()
    return _without_marks(folded)  # folding makes characters that have marks


def _without_marks(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def file_terms(owner: str, normalized_name: str, detected_type: str | None) -> list[int]:
    """Return the terms of a file: its owner, its type, the type's family, and all parts of its name that have one,
    two or three characters. Numbers, each a hash of a term, because an index of them is smaller and faster."""
    terms = {owner_term(owner)}
    if detected_type:
        terms |= {type_term(detected_type), family_term(detected_type.partition("/")[0])}
    for length in range(1, GRAM_LENGTH + 1):
        terms |= {_hash("name", gram) for gram in _grams(normalized_name, length)}
    return sorted(terms)


def owner_term(owner: str) -> int:
    return _hash("owner", owner)


def owner_word(owner: str) -> str:
    """Return what all texts of an owner have as a word, so that those of others are not read."""
    return f"@{owner_term(owner)}"


def type_term(detected_type: str) -> int:
    return _hash("type", detected_type)


def family_term(family: str) -> int:
    """Return the term of a family of types, such as `image`."""
    return _hash("family", family)


def name_terms(normalized_part: str) -> list[int]:
    """Return the terms that every file has whose name contains the part. Others may have them, too."""
    length = min(len(normalized_part), GRAM_LENGTH)
    return sorted({_hash("name", gram) for gram in _grams(normalized_part, length)})


def expected_share(normalized_part: str) -> list[tuple[int, int]]:
    """Return terms, each with a weight: the share of names that contain the part is expected to be the product of
    the shares of names that have the terms, each raised to its weight.

    Neighbouring grams aren't independent of each other. So each but the first counts as how many of those names
    have it that have its first two characters (a Markov chain: https://web.stanford.edu/~jurafsky/slp3/3.pdf).
    """
    length = min(len(normalized_part), GRAM_LENGTH)
    grams = [(_hash("name", gram), 1) for gram in _grams(normalized_part, length)]
    shared = list(_grams(normalized_part, GRAM_LENGTH - 1))[1:-1] if length == GRAM_LENGTH else []
    return grams + [(_hash("name", gram), -1) for gram in shared]


def _grams(text: str, length: int) -> Iterator[str]:
    if not text:
        return iter(())
    return (text[start : start + length] for start in range(len(text) - length + 1))


def _hash(kind: str, value: str) -> int:
    """Return a number of PostgreSQL's type `integer`. Different terms may have the same: a search compares the
    names and the types, too."""
    return crc32(f"{kind} {value}".encode()) - 2**31


def result_words(owner: str, result: dict[str, Any] | None) -> list[str]:
    """Return the words of the texts in a result (TEXT_FACTS), up to MAX_WORDS, after the owner's; none if the
    result has none."""
    words = dict.fromkeys(word for text in _texts(result, is_text=False) for word in text_words(text))
    return [owner_word(owner), *islice(words, MAX_WORDS)] if words else []


def text_words(text: str) -> list[str]:
    """Return the normalized words of a text. Where nothing separates words, each character and each pair of
    neighbours is one."""
    words: list[str] = []
    for match in _WORD.finditer(_NOT_IN_WORDS.sub(_keep_vowel_sign, normalize_text(text))):
        words += _split(match[0])
    return words


def _keep_vowel_sign(match: re.Match[str]) -> str:
    """Return the character if it is a vowel sign, as Hindi, Tamil and Thai write them within words; else a space.
    Python takes them for no part of a word. The accents are gone by now."""
    is_sign = unicodedata.category(match[0]) in {"Mc", "Mn"} and match[0] not in _VARIATION_SELECTORS
    return match[0] if is_sign else " "


def _split(word: str) -> Iterator[str]:
    end = 0
    for run in _WITHOUT_SPACES.finditer(word):
        yield from _cut(word[end : run.start()])
        yield from run[0]
        yield from _grams(run[0], 2)
        end = run.end()
    yield from _cut(word[end:])


def _cut(word: str) -> Iterator[str]:
    if word:
        yield word[:MAX_WORD_LENGTH]


def _texts(fact: Any, *, is_text: bool) -> Iterator[str]:
    if isinstance(fact, str):
        if is_text:
            yield fact
    elif isinstance(fact, list):
        for item in fact:
            yield from _texts(item, is_text=is_text)
    elif isinstance(fact, dict):
        for name, value in fact.items():
            yield from _texts(value, is_text=name in TEXT_FACTS)
