"""Count the words, slides and sheets of a document."""

import re
from typing import Any
from zipfile import ZipFile

from chalicelib.processors.office.xml_parts import scan_part

MAX_SHEETS = 100
"""Sheets that are named; all are counted."""

MAX_DIGITS = 12
"""Digits of a count that a document states. Python refuses to convert thousands."""

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(f"[{_CJK}]|[^\\s{_CJK}]+")
"""What white space separates; Chinese and Japanese have none, and as in Word each of their characters counts."""

_SKIPPED = frozenset(
    {
        "Fallback",  # the same again, for old programs. ECMA-376, part 3, 7.5
        "annotation",
        "tracked-changes",  # what was deleted. OpenDocument 1.3, part 3, 5.5.1
    }
)

WORD_TEXTS, OPEN_DOCUMENT_TEXTS = frozenset({"t"}), frozenset({"p", "h"})
"""Elements with text that is shown."""

_BREAKS = frozenset({"p", "h", "tab", "br", "cr", "s", "line-break"})
"""Elements that separate words, at their beginning or their end."""


def count_words(archive: ZipFile, name: str, texts: frozenset[str]) -> int | None:
    """Return the words in a part of a text document (ECMA-376, part 1, 17; OpenDocument 1.3, part 3, 5 and 6), or
    None if it can't be read whole. `texts` are the elements that contain them."""
    counter = _WordCounter(texts)
    is_whole = scan_part(archive, name, start=counter.start, end=counter.end, text=counter.add_text)
    return counter.finish() if is_whole else None


def list_children(archive: ZipFile, name: str, parent: str, child: str) -> list[dict[str, str]] | None:
    """Return the attributes of the elements of one name that lie directly in another, all without their prefixes;
    None if the part can't be read whole."""
    found: list[dict[str, str]] = []
    path: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == child and path and path[-1] == parent:
            found.append({key.rpartition(":")[2]: value for key, value in attributes.items()})
        path.append(tag)

    def end(_: str) -> None:
        path.pop()

    is_whole = scan_part(archive, name, start=start, end=end)
    return found if is_whole else None


def list_sheets(sheets: list[str]) -> dict[str, Any]:
    """Return `sheets`, their number, and `sheet_names`, the first of them."""
    return {"sheets": len(sheets), "sheet_names": sheets[:MAX_SHEETS]}


def are_outdated(stated: dict[str, int], counted: dict[str, Any]) -> bool:
    """Return whether the stated counts are far from what is in the document. Programs disagree a little on what
    a word is, and which notes count."""
    pairs = [(stated[name], counted[name]) for name in ("words", "slides") if name in stated and name in counted]
    return any(2 * min(pair) + 20 < max(pair) for pair in pairs)


class _WordCounter:
    def __init__(self, texts: frozenset[str]) -> None:
        self._words = 0
        self._text_elements = texts
        self._pieces: list[str] = []
        self._texts = self._skipped = 0
        """How many elements with text, and of those that are skipped, are open."""

    def start(self, tag: str, _: dict[str, str]) -> None:
        self._texts += tag in self._text_elements
        self._skipped += tag in _SKIPPED
        if tag in _BREAKS:
            self._count()

    def end(self, tag: str) -> None:
        if tag in _BREAKS:
            self._count()
        self._texts -= tag in self._text_elements
        self._skipped -= tag in _SKIPPED

    def add_text(self, text: str) -> None:
        if self._texts and not self._skipped:
            self._pieces.append(text)

    def finish(self) -> int:
        self._count()
        return self._words

    def _count(self) -> None:
        if self._pieces:
            self._words += sum(1 for _ in _WORD.finditer("".join(self._pieces)))
            self._pieces.clear()
