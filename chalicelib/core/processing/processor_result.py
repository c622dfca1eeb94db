"""What a processor tells of a file."""

import math
from dataclasses import dataclass
from typing import Any

THUMBNAIL_SIDE = 512
"""Pixels of a thumbnail's longest side, at most."""

THUMBNAIL_TYPE = "image/webp"

MAX_TEXT = 4000
"""Characters of a single text among the facts. What a file says of itself may be as long as the file."""

MAX_INTEGER = 2**63 - 1
"""Larger numbers are no counts, and JSON readers lose their last digits."""


@dataclass(frozen=True, slots=True)
class Described:
    """`facts`, ready for JSON, and for some kinds a `thumbnail`."""

    facts: dict[str, Any]
    thumbnail: bytes | None = None
    """WebP, its longest side at most THUMBNAIL_SIDE pixels."""


def storable(value: Any) -> Any:
    """Return the facts as PostgreSQL's jsonb takes them, whatever a file has put into them.

    It takes no NUL and no half of a surrogate pair in a text, and JSON has no infinity. Long texts are cut, and
    facts that are None are left out: nothing is known there.
    https://www.postgresql.org/docs/current/datatype-json.html
    """
    if isinstance(value, dict):
        return {_text(str(key)): storable(fact) for key, fact in value.items() if fact is not None}
    if isinstance(value, list | tuple):
        return [storable(item) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and not -MAX_INTEGER <= value <= MAX_INTEGER:
        return None
    return value


def _text(value: str) -> str:
    cut = value[:MAX_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")
    return cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
