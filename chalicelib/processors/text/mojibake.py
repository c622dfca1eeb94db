"""Measure how much a text looks like mojibake: bytes that were decoded in the wrong encoding.

In such a text, letters of several scripts meet in one word, signs stand between letters, and capitals
follow small letters. This needs no knowledge of the language, and works for a single word.
"""

import unicodedata
from collections import Counter

from msgspec import Struct, field

from chalicelib.processors.text.alphabets import ALPHABETS, ONE_LETTER_WORDS

_EAST_ASIAN_PUNCTUATION = frozenset("\u3000、。「」『』（），：；？！・《》【】〈〉！～ー％＆")
_MARKS = frozenset("\u200c\u200d\u200e\u200f")
_PUNCTUATION = frozenset("\u00a0“”„‘’‚«»‹›–—…•°§©®™€£¿¡ºª·№²³½¼×±´") | _EAST_ASIAN_PUNCTUATION | _MARKS
"""Signs of ordinary texts. Others, such as box-drawing characters, count as suspicious."""

_NEVER_BEHIND_LETTERS = frozenset("„‘‚¿¡©®•–—½¼")
_NEVER_DOUBLE = frozenset("‚„‘•¿¡°©®")

_SCRIPTS = (
    (0x250, "Latin"),
    (0x370, "mark"),
    (0x400, "Greek"),
    (0x530, "Cyrillic"),
    (0x590, "other"),
    (0x600, "Hebrew"),
    (0x700, "Arabic"),
    (0xE00, "other"),
    (0xE80, "Thai"),
    (0x1E00, "other"),
    (0x1F00, "Latin"),
    (0x2000, "Greek"),
    (0x3040, "other"),
    (0x3100, "Kana"),
    (0x3400, "other"),
    (0xA000, "Han"),
    (0xAC00, "other"),
    (0xD7B0, "Hangul"),
)
"""Where each script's range of characters ends."""

_WITHOUT_ALPHABET = frozenset({"Hebrew", "Arabic", "Thai", "Kana", "Han", "Hangul"})

_ALPHABETIC_WITH_WORDS = frozenset({"Greek", "Cyrillic", "Hebrew", "Arabic"})

_MIN_WORD = 2.5
"""Letters that the foreign words in a Latin text have on average, unless they are Latin letters misread."""


class Mojibake(Struct):
    """How many characters of a text are suspicious. ASCII alone never is."""

    characters: int = 0
    """Characters beyond ASCII."""
    suspicious: float = 0.0
    """How many of them are suspicious, weighted."""
    letters: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Return the share of suspicious characters, from 0 to 1."""
        return min(self.suspicious / self.characters, 1.0) if self.characters else 0.0

    def alphabet_share(self, language: str | None) -> float:
        """Return the share of the letters that are in the alphabet that fits best; if the language is known, its
        own alphabet has some weight, too."""
        total = self.letters.total()
        if total == 0:
            return 1.0
        without = sum(count for char, count in self.letters.items() if script_of(char) in _WITHOUT_ALPHABET)
        best = max(without, *map(self._count_in, ALPHABETS.values()))
        if language not in ALPHABETS:
            return best / total
        return (0.7 * best + 0.3 * max(without, self._count_in(ALPHABETS[language]))) / total

    def _count_in(self, alphabet: frozenset[str]) -> int:
        return sum(count for char, count in self.letters.items() if char in alphabet)


def measure_mojibake(text: str) -> Mojibake:
    """Count the suspicious characters of a text."""
    found = Mojibake()
    latin = foreign = words = 0
    before, before_script = " ", ""
    for index, char in enumerate(text):
        script = ""
        if char.isascii():
            latin += char.isalpha()
            found.suspicious += 0.5 * (not before.isascii() and before.islower() and char.isupper())
        else:
            after = text[index + 1 : index + 2] or " "
            script = _add_character(found, text[max(index - 2, 0) : index], char, after)
            if script in _ALPHABETIC_WITH_WORDS:
                foreign += 1
                words += before_script != script
        before, before_script = char, script
    if latin > foreign and foreign < words * _MIN_WORD:
        found.suspicious += 0.7 * words
    return found


def _add_character(found: Mojibake, before: str, char: str, after: str) -> str:
    """Add a character beyond ASCII, between the two before it and the one after it, and return a letter's
    script."""
    found.characters += 1
    last = before[-1:] or " "
    if char in _PUNCTUATION:
        found.suspicious += _weigh_punctuation(last, char, after)
    elif char.isalpha() or unicodedata.category(char).startswith("M"):
        script = script_of(char)
        found.letters[char] += 1
        found.suspicious += _weigh_letter(before, char, after, script)
        return script
    elif not _is_frame(last, char, after):
        found.suspicious += 1
    return ""


def script_of(char: str) -> str:
    """Return the script of a letter; `mark` for those that combine with a letter before them."""
    return next((script for end, script in _SCRIPTS if ord(char) < end), "other")


def _weigh_punctuation(before: str, char: str, after: str) -> float:
    """Return how suspicious the sign is, from 0 to 1."""
    if char in _EAST_ASIAN_PUNCTUATION or char in _MARKS:
        return 0
    within_word = before.isalpha() and after.isalpha()
    if char == "’":
        return 0.3 * (after.isalpha() and not before.isalpha())
    if char == "·":  # Catalan has it between two l
        return 0.8 * (within_word and not (before in "lL" and after in "lL"))
    if within_word:
        return 0.15 if char == "\u00a0" else 0.8
    if before.isalpha() and char in _NEVER_BEHIND_LETTERS:
        return 0.4
    return 0.5 * (char == before and char in _NEVER_DOUBLE)


def _is_frame(before: str, char: str, after: str) -> bool:
    """Return whether the character is of a frame, as programs of DOS draw it, and not amid letters."""
    return "\u2500" <= char <= "\u259f" and not before.isalpha() and not after.isalpha()


def _weigh_letter(before: str, char: str, after: str, script: str) -> float:
    """Return how suspicious the letter is, from 0 to 1.5. `before` are the two characters before it."""
    if script == "other":
        return 1
    weight = float(script == "Cyrillic" and after.isascii() and after.isalpha())
    last = before[-1:] or " "
    if last.isalpha():
        scripts = {script, script_of(last)}
        if len(scripts) > 1 and "mark" not in scripts and scripts != {"Kana", "Han"}:
            return weight + 1
        if char.isupper() and last.islower():
            return weight + 1
        shouted = len(before) == 2 and before.isupper() and before.isalpha()
        return weight + 0.5 * (char.islower() and shouted and not after.isalpha())
    stands_alone = not after.isalpha() and (last.isspace() or after.isspace())
    has_words = script in {"Latin", "Greek", "Cyrillic"}
    return weight + 0.5 * (has_words and stands_alone and char not in ONE_LETTER_WORDS)
