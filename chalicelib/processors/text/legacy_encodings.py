"""Guess the encoding of a text that isn't Unicode.

Two detectors vote: chardet, which compares the bytes with statistics of languages, and how much the text would
look like mojibake in each encoding. The second helps where the first knows little: short texts, lists of names,
and languages that it doesn't know. docs/decisions/0022 has the numbers.
"""

import codecs
from collections.abc import Sequence

from msgspec import Struct

from chalicelib.processors.text.mojibake import Mojibake, measure_mojibake

EXAMINED_CHARACTERS = 4000
"""Characters of a sample that are searched for mojibake."""

_MAX_SUSPICIOUS, _MAX_SUSPICIOUS_IN_SHORT, _MIN_CHARACTERS = 0.3, 0.5, 10
"""The share of suspicious characters up to which bytes are a text in the best encoding. The second is for texts
with fewer than _MIN_CHARACTERS beyond ASCII. Real texts have up to 0.25, random bytes at least 0.31."""

_RANKS = {
    0: ("cp1252", "cp1251", "cp1254", "iso8859-1", "iso8859-9", "iso8859-15", "cp932", "euc_jp"),
    1: (
        *("gb18030", "cp949", "euc_kr", "shift_jis_2004", "euc_jis_2004", "cp874"),
        *("cp1250", "cp1253", "cp1255", "cp1256", "cp437", "cp850", "cp866", "koi8-r", "koi8-u"),
        *("iso8859-2", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "mac-roman", "mac-cyrillic"),
    ),
    3: (
        *("big5hkscs", "johab", "tis-620", "cp1257", "cp1258", "iso8859-13"),
        *("cp737", "cp852", "cp855", "cp857", "cp862", "mac-greek", "mac-turkish"),
    ),
}
_RANK = {encoding: rank for rank, encodings in _RANKS.items() for encoding in encodings}
_RAREST = 5
"""How rare an encoding is among the files that people have, from 0 to 5. It decides short texts."""

_RARITY_WEIGHT, _RARITY_CHARACTERS = 0.06, 40
"""Of each rank, and the number of characters beyond ASCII with which it counts half."""

_SAME_TEXT = {
    "iso8859-1": "cp1252",
    "iso8859-15": "cp1252",
    "iso8859-9": "cp1254",
    "cp858": "cp850",
    "tis-620": "cp874",
    "shift_jis_2004": "cp932",
    "euc_jis_2004": "euc_jp",
    "euc_kr": "cp949",
    "big5hkscs": "cp950",
    "iso2022_jp_2": "iso2022_jp",
    "iso2022_jp_ext": "iso2022_jp",
    "iso2022_jp_2004": "iso2022_jp",
}
"""Better known encodings, which are named instead where they say the same."""

_SAME_CHARACTERS = frozenset({"shift_jis_2004"})
"""Of these it is enough that the other one decodes the text: they differ in signs that look alike."""


class _Candidate(Struct, frozen=True):
    encoding: str
    confidence: float
    """chardet's, from 0 to 1. It is small for short texts."""
    language: str | None
    is_first: bool
    mojibake: Mojibake

    @property
    def score(self) -> float:
        """Return how likely the candidate is, compared with the others."""
        rank = _RANK.get(self.encoding, _RAREST)
        rarity = _RARITY_WEIGHT * rank / (1 + self.mojibake.characters / _RARITY_CHARACTERS)
        fit: float = (1 - self.mojibake.share) ** 4 * self.mojibake.alphabet_share(self.language) ** 2.5
        confidence = self.confidence + 0.05  # so that tiny differences don't decide a short text
        return confidence * (1.05 if self.is_first else 1) * fit * (1 - rarity)


def guess_legacy_encoding(sample: bytes, among: Sequence[str] | None = None) -> str | None:
    """Return Python's name of the encoding that the bytes are most likely in, or None if they are no text in any.

    The sample isn't UTF-8; it may begin and end within a character. `among` are the encodings that come into
    question, if not all do.
    """
    import chardet  # few texts get here, and it takes 40 ms

    first = chardet.detect(sample, compat_names=False, include_encodings=among)["encoding"]
    found = chardet.detect_all(sample, ignore_threshold=True, compat_names=False, include_encodings=among)
    if first is None:
        return None
    if len(found) == 1:  # declared by the text itself, or by escape sequences
        declared = chardet.detect(sample)["encoding"]  # under its usual name
        return codecs.lookup(declared or first).name
    minimum = 0.15 * (found[0]["confidence"] + 0.02)
    candidates = [
        _Candidate(name, entry["confidence"], entry["language"], name == first, measure_mojibake(text))
        for entry in found
        if (name := entry["encoding"]) is not None
        and (entry["confidence"] + 0.02 >= minimum or name == first)
        and (text := _decode(sample, name)) is not None
    ]
    best = max(candidates, key=lambda candidate: candidate.score, default=None)
    if best is None or _is_no_text(best.mojibake):
        return None
    return _name_well_known(sample, best.encoding)


def _is_no_text(mojibake: Mojibake) -> bool:
    is_short = mojibake.characters < _MIN_CHARACTERS
    return mojibake.share > (_MAX_SUSPICIOUS_IN_SHORT if is_short else _MAX_SUSPICIOUS)


def _decode(sample: bytes, encoding: str) -> str | None:
    """Return the beginning of the text, or None if Python doesn't know the encoding."""
    try:
        return sample.decode(encoding, "replace")[:EXAMINED_CHARACTERS]
    except LookupError:
        return None


def _name_well_known(sample: bytes, encoding: str) -> str:
    """Return the best known encoding in which the sample is the same text."""
    text = sample.decode(encoding, "replace")
    for known in filter(None, (_SAME_TEXT.get(encoding), "cp1252")):
        same = sample.decode(known, "replace")
        if same == text or (encoding in _SAME_CHARACTERS and "\ufffd" not in same[:-1]):
            return known
    return encoding
