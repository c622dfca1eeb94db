"""Detect structured text: markup, mail, JSON, tables, and formats with a signature."""

import msgspec

from chalicelib.core.media_types.names import PLAIN_TEXT
from chalicelib.processors.detection.mail import detect_mail
from chalicelib.processors.detection.markup import detect_markup
from chalicelib.processors.detection.text_signatures import TABLE
from chalicelib.processors.text.csv_dialect import detect_table
from chalicelib.processors.text.decoding import decode_head

MAX_JSON_LINES = 20
"""Lines of JSON that are parsed."""


def detect_text_type(head: bytes, *, whole: bool) -> str:
    """Return the media type of a text from its beginning; `text/plain` unless another one is certain."""
    text = decode_head(head, whole=whole)
    if (media_type := _detect_format(text.lstrip("\ufeff \t\r\n\f\v\0"), whole)) is not None:
        return media_type
    if (delimiter := detect_table(text, whole=whole)) is not None:
        return "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    return PLAIN_TEXT


def _detect_format(text: str, whole: bool) -> str | None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    for row in TABLE:
        if row.matches(lines):
            return row.media_type
    if text[:1] in {"{", "["} and (json_type := _detect_json(text, whole)):
        return json_type
    return detect_markup(lines, whole=whole) or detect_mail(lines)


def _detect_json(text: str, whole: bool) -> str | None:
    lines = [line for line in text.splitlines()[: None if whole else -1] if line.strip()]
    if len(lines) > 1 and all(
        line.lstrip()[0] in "{[" and _is_json(line, True) for line in lines[:MAX_JSON_LINES]
    ):
        return "application/x-ndjson"
    return "application/json" if _is_json(text, whole) else None


def _is_json(text: str, whole: bool) -> bool:
    """Return whether the text is JSON or, unless it is whole, the beginning of JSON."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)  # validates all of it without converting numbers of any size
    except msgspec.DecodeError as error:
        return not whole and "truncated" in str(error)
    except (RecursionError, ValueError):  # nested too deep for this decoder; a surrogate that was cut in two
        return True
    return True
