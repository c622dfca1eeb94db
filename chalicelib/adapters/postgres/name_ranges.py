"""Ranges of names that a search in the order of names may leave out (docs/decisions/0044-search.md).

Names that begin alike have the terms of their beginning. If no file has these and the terms of what is searched
for, the index of names needn't be read there.
"""

from collections.abc import Iterator
from itertools import groupby, takewhile

from msgspec import Struct

from chalicelib.core.files.filenames import MAX_NAME_LENGTH
from chalicelib.core.files.search_terms import GRAM_LENGTH, name_terms, normalize_text

AFTER_ALL_NAMES = "\U0010ffff" * (MAX_NAME_LENGTH + 1)

SURROGATES = range(0xD800, 0xE000)
"""Code points that no text has."""


class NameRange(Struct, frozen=True):
    """The names from one on and before another, in the order of their code points (the collation "C")."""

    start: str
    end: str
    terms: list[int]
    """Terms of all names in the range that begin alike; none if the range has to be read."""


def divide_names(names: list[str], part: str) -> list[NameRange]:
    """Return ranges, in their order, that have all names. `names` are some of them in their order, and say which
    beginnings are frequent and have no names with the normalized part."""
    ranges, start, searched = [], "", set(name_terms(part))
    for beginning in _frequent_beginnings(names, part, GRAM_LENGTH):
        terms = [term for term in name_terms(normalize_text(beginning)) if term not in searched]
        if terms and beginning >= start:
            end = _next_text(beginning)
            ranges += [NameRange(start, beginning, []), NameRange(beginning, end, terms)]
            start = end
    return [*ranges, NameRange(start, AFTER_ALL_NAMES, [])]


def _frequent_beginnings(names: list[str], part: str, length: int) -> Iterator[str]:
    """Yield the longest beginnings, of `length` characters or more, that two or more names have in common, if none
    of these names has the part."""
    for _, group in groupby(names, key=lambda name: name[:length]):
        alike = list(group)
        beginning = _common_beginning(alike[0], alike[-1])
        if len(alike) == 1 or len(beginning) < length:
            continue
        if not any(part in normalize_text(name) for name in alike):
            yield beginning
        elif part not in normalize_text(beginning):
            yield from _frequent_beginnings(alike, part, len(beginning) + 1)


def _common_beginning(one: str, other: str) -> str:
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return "".join(char for char, _ in equal)


def _next_text(text: str) -> str:
    """Return the first text after all of those that begin with this one."""
    following = ord(text[-1]) + 1
    if following > ord(AFTER_ALL_NAMES[0]):
        return _next_text(text[:-1]) if text[:-1] else AFTER_ALL_NAMES
    return text[:-1] + chr(SURROGATES.stop if following in SURROGATES else following)
