"""Names of files, as clients give them or as object keys suggest them."""

import re
import unicodedata

from chalicelib.core.errors import INVALID_NAME, ServiceError

MAX_NAME_LENGTH = 255
"""Characters."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories: control characters, halves of surrogate pairs, and line and paragraph separators."""


def clean_filename(raw: str) -> str:
    """Return the file's own name: what follows the last `/` or `\\`, otherwise unchanged.

    Raises ServiceError(INVALID_NAME) for a name that is empty, `.` or `..`, longer than 255 characters, or
    holds a control character.
    """
    name = re.split(r"[/\\]", raw)[-1]
    if not name.strip() or name in {".", ".."}:
        raise ServiceError(INVALID_NAME, reason="it is empty")
    if len(name) > MAX_NAME_LENGTH:
        raise ServiceError(INVALID_NAME, reason=f"it is longer than {MAX_NAME_LENGTH} characters")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name):
        raise ServiceError(INVALID_NAME, reason="it holds a control character")
    return name


def filename_from_key(key: str) -> str:
    """Return a valid name for an object that another tool put into the bucket: the last part of its key, with
    refused characters replaced by `_`, or `unnamed` where nothing is left."""
    last = key.rsplit("/", 1)[-1]
    cleaned = "".join("_" if unicodedata.category(c) in _REFUSED_CATEGORIES or c == "\\" else c for c in last)
    return cleaned[:MAX_NAME_LENGTH] if cleaned.strip() and cleaned not in {".", ".."} else "unnamed"
