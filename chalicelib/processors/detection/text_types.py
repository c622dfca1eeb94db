"""Which texts are data: JSON, lines of JSON, tables."""

import msgspec

from chalicelib.processors.text.csv_dialect import is_table, shapes
from chalicelib.processors.text.decoding import MARKS, detect_encoding

PLAIN = "text/plain"
LINES = 20
"""Lines of JSON that are looked at."""


def structure(head: bytes, *, whole: bool) -> str:
    """Return the type of a text that begins so; `text/plain` where nothing else is certain."""
    encoding = next((name for mark, name in MARKS.items() if head.startswith(mark)), None)
    text = head.decode(encoding or detect_encoding(head, whole=whole), "replace")
    begin = text.lstrip()[:1]
    if begin in {"{", "["} and (found := _json(text, whole)):
        return found
    if is_table(text, whole=whole):
        return "text/tab-separated-values" if shapes(text, whole=whole)[0].delimiter == "\t" else "text/csv"
    return PLAIN


def _json(text: str, whole: bool) -> str | None:
    lines = [line for line in text.splitlines()[: None if whole else -1] if line.strip()]
    if len(lines) > 1 and all(line.lstrip()[0] in "{[" and _is_json(line, True) for line in lines[:LINES]):
        return "application/x-ndjson"
    return "application/json" if _is_json(text, whole) else None


def _is_json(text: str, whole: bool) -> bool:
    """Tell whether it is JSON or, unless it is the whole text, may become it."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)  # which reads it all without making numbers of any size
    except msgspec.DecodeError as fault:
        return not whole and "truncated" in str(fault)
    except (RecursionError, ValueError):  # nested too deep for this decoder; a surrogate that was cut in two
        return True
    return True
