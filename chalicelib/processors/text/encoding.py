"""Detect a text's encoding, and say how certain that is."""

import codecs
from typing import Any

from msgspec import Struct

from chalicelib.processors.text.legacy_encodings import guess_legacy_encoding
from chalicelib.processors.text.mojibake import measure_mojibake
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order marks. UTF-32's little-endian one begins like UTF-16's, and so comes first."""

_ESCAPES = (b"\x1b$", b"\x1b(", b"~{")
"""How ISO 2022 and HZ, which are ASCII to the eye, switch to other characters. A terminal's colours differ."""

_MIN_UNMARKED = 32
"""Bytes of UTF-16 without a byte order mark from which on it is certain."""

_MIN_UTF_8 = 4
"""Valid sequences from which on UTF-8 is certain, as it is with one of more than two bytes. A short Chinese word
in GBK may be valid UTF-8, too."""

_MIN_UTF_8_PER_ERROR, _MIN_UTF_8_PER_ERROR_CERTAIN = 2, 10
"""Valid sequences for each invalid one. In other encodings, sequences are hardly ever valid."""


class Encoding(Struct, frozen=True):
    """A text's encoding."""

    name: str | None
    """Python's name, or None if the bytes are no text in any known encoding."""
    guessed: bool = False
    """It follows from statistics. Others are marked or couldn't be valid by chance."""
    damaged: bool = False
    """It is UTF-8 with invalid bytes, or cut within a character."""

    def facts(self) -> dict[str, Any]:
        """Return `encoding`, `encoding_guessed`, and `encoding_damaged` if it is."""
        damage = {"encoding_damaged": True} if self.damaged else {}
        return {"encoding": self.name, "encoding_guessed": self.guessed if self.name else None, **damage}


def encoding_of_bom(head: bytes) -> str | None:
    """Return the encoding that a byte order mark at the beginning names."""
    return next((encoding for bom, encoding in BOMS.items() if head.startswith(bom)), None)


def detect_encoding(sample: bytes, *, whole: bool) -> Encoding:
    """Return the encoding of a text's beginning. Unless that is `whole` the text, its last character may be cut.

    Byte order marks, ASCII, UTF-8, UTF-16, UTF-32 and ISO 2022 are recognized. Any other is a guess.
    """
    if (marked := encoding_of_bom(sample)) is not None:
        return Encoding(marked, damaged=marked == "utf-8-sig" and not decodes(sample, "utf-8", whole=whole))
    if (unmarked := detect_unmarked_unicode(sample)) is not None:
        return Encoding(unmarked, guessed=len(sample) < _MIN_UNMARKED)
    if sample.isascii():
        return _detect_escapes(sample)
    return _detect_utf_8(sample, whole) or _guess(sample)


def decodes(sample: bytes, encoding: str, *, whole: bool = False) -> bool:
    """Return whether the bytes are valid in this encoding. `whole` as in `detect_encoding`."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def _detect_escapes(sample: bytes) -> Encoding:
    if not any(escape in sample for escape in _ESCAPES):
        return Encoding("ascii")
    guess = guess_legacy_encoding(sample) or "ascii"
    if guess.startswith("iso2022"):
        return Encoding(guess.replace("_", "-"))
    return Encoding("hz", guessed=True) if guess == "hz" else Encoding("ascii")


def _detect_utf_8(sample: bytes, whole: bool) -> Encoding | None:
    """Return UTF-8 if the bytes are, apart from few errors."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(sample, final=whole)
    errors = text.count("\ufffd") - sample.count("\ufffd".encode())
    sequences = len(text) - len(sample.translate(None, bytes(range(128, 256)))) - errors
    if errors == 0:
        in_sequences = len(sample) - len(text) + sequences
        certain = sequences >= _MIN_UTF_8 or in_sequences > 2 * sequences or measure_mojibake(text).share == 0
        return Encoding("utf-8", guessed=not certain) if sequences else None
    only_cut = sequences > 0 and decodes(sample, "utf-8", whole=False)
    if not only_cut and sequences < errors * _MIN_UTF_8_PER_ERROR:
        return None
    return Encoding("utf-8", guessed=sequences < errors * _MIN_UTF_8_PER_ERROR_CERTAIN, damaged=True)


def _guess(sample: bytes) -> Encoding:
    guess = guess_legacy_encoding(sample)
    return Encoding(guess and guess.replace("_", "-"), guessed=True)
