"""The result of a processor."""

import math
from typing import Any

from msgspec import Struct

THUMBNAIL_SIDE = 512
"""Pixels of a thumbnail's longest side, at most."""

THUMBNAIL_TYPE = "image/webp"

MAX_TEXT = 4000
"""Characters of a single text among the facts. A file's metadata may be as long as the file."""

MAX_INTEGER = 2**63 - 1
"""Larger numbers are no counts, and JSON parsers lose their last digits."""


class ProcessorResult(Struct, frozen=True):
    """Facts about a file, ready for JSON, and for some kinds a thumbnail."""

    facts: dict[str, Any]
    thumbnail: bytes | None = None
    """WebP, its longest side at most THUMBNAIL_SIDE pixels."""


def to_jsonb_safe(value: Any) -> Any:
    """Return the facts in a form that PostgreSQL's jsonb accepts, whatever the file contains.

    It accepts no NUL and no half of a surrogate pair in a text, and JSON has no infinity. Long texts are cut, and
    unknown facts (None) are left out.
    https://www.postgresql.org/docs/current/datatype-json.html
    """
    if isinstance(value, dict):
        return {_to_safe_text(str(key)): to_jsonb_safe(fact) for key, fact in value.items() if fact is not None}
    if isinstance(value, list | tuple):
        return [to_jsonb_safe(item) for item in value]
    if isinstance(value, str):
        return _to_safe_text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        return None
    return value


def _to_safe_text(value: str) -> str:
    cut = value[:MAX_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
