"""Detect UTF-16 and UTF-32 without a byte order mark.

Windows programs and databases export such files. Every ASCII character has a zero byte in them, so that they look
like binary data.
"""

import codecs
import unicodedata
from collections import Counter

MIN_CHARACTERS = 4
"""Fewer may be anything, such as two small numbers."""

_MAX_STRAY = 0.02
"""The share of control characters in what is just ASCII."""

_COMMON = "common"
_COMMON_RANGES = (("\u2010", "\u205e"), ("\u3000", "\u303f"), ("\uff00", "\uff5f"), ("\U0001f300", "\U0001faff"))
"""Punctuation, that of East Asia, and emoji."""

_ENCODINGS = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")

_LINE_ENDS_AND_TABS = frozenset("\t\n\v\f\r")

_MAX_IMPLAUSIBLE = 0.01
"""The share of characters that may be controls or unassigned: newer emoji are unknown to an older Python."""

_MIN_COMMON = 0.01
"""The share of spaces, digits and punctuation in a text of any script. In the wrong byte order it has none."""

_MIN_OF_ONE_SCRIPT = 0.9
"""The share of one script in the other characters. Binary data seems to be of many."""


def detect_unmarked_unicode(sample: bytes) -> str | None:
    """Return `utf-16-le`, `utf-16-be`, `utf-32-le` or `utf-32-be` if the bytes are such a text, else None. The
    sample's last character may be cut.

    Any ASCII text of even length is valid UTF-16, of rare Chinese characters, and may have a stray zero byte. So
    there have to be more control characters.
    """
    if b"\x00" not in sample or (sample.isascii() and _count_controls(sample) <= max(1, len(sample) * _MAX_STRAY)):
        return None
    texts = ((encoding, _decode(sample, encoding)) for encoding in _ENCODINGS)
    plausible = [(_count_ascii(text), encoding) for encoding, text in texts if text and _is_plausible(text)]
    return max(plausible)[1] if plausible else None


def _count_controls(sample: bytes) -> int:
    return len(sample) - len(sample.translate(None, bytes(range(9)) + bytes(range(14, 32))))


def _decode(sample: bytes, encoding: str) -> str | None:
    try:
        return codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return None


def _is_plausible(text: str) -> bool:
    if len(text) < MIN_CHARACTERS or sum(map(_is_implausible, text)) > len(text) * _MAX_IMPLAUSIBLE:
        return False
    scripts = Counter(map(_script_of, text))
    common = scripts.pop(_COMMON, 0)
    if common < len(text) * _MIN_COMMON:
        return False
    return 2 * common >= len(text) or max(scripts.values()) >= scripts.total() * _MIN_OF_ONE_SCRIPT


def _is_implausible(char: str) -> bool:
    return char not in _LINE_ENDS_AND_TABS and unicodedata.category(char) in {"Cc", "Cn", "Co", "Cs"}


def _count_ascii(text: str) -> int:
    return sum(char.isascii() for char in text)


def _script_of(char: str) -> str | int:
    """Return _COMMON for what texts of any script have, else a value that is the same for most of a script."""
    if char.isascii() or any(first <= char <= last for first, last in _COMMON_RANGES):
        return _COMMON
    if "\u3040" <= char <= "\ud7ff":
        return "East Asian"
    return "Latin" if char < "\u0250" else ord(char) >> 8
