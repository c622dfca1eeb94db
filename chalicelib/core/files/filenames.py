"""Names of files, as clients give them or as object keys suggest them."""

import re
import unicodedata

from chalicelib.core.errors import INVALID_NAME, ServiceError

MAX_NAME_LENGTH = 255
"""Characters."""

NAME_PATTERN = (
    r"^([^\u0000]*[/\\])?(?!\.\.?$)(?=.*[^ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000])"
    r"[^/\\\u0000-\u001f\u007f-\u009f\u2028\u2029]{1,255}$"
)
"""What `clean_filename` accepts, as a regular expression of ECMA 262, which JSON Schema has."""

_REFUSED_CATEGORIES = {
    "Cc": "a control character",
    "Cs": "half of a surrogate pair",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}
"""Unicode categories, and what a character of each is called."""


def clean_filename(raw: str) -> str:
    """Return the file's own name: what follows the last `/` or `\\`, otherwise unchanged.

    Raises ServiceError(INVALID_NAME) for a name that is empty, `.` or `..`, longer than 255 characters, or
    contains a character of a refused category; also for a NUL in what precedes it.
    """
    if "\0" in raw:
        raise ServiceError(INVALID_NAME, reason=f"it contains {_REFUSED_CATEGORIES['Cc']}")
    name = re.split(r"[/\\]", raw)[-1]
    if not name.strip():
        raise ServiceError(INVALID_NAME, reason="it is empty")
    if name in {".", ".."}:
        raise ServiceError(INVALID_NAME, reason=f"`{name}` means a folder")
    if len(name) > MAX_NAME_LENGTH:
        raise ServiceError(INVALID_NAME, reason=f"it is longer than {MAX_NAME_LENGTH} characters")
    for character in name:
        if (category := unicodedata.category(character)) in _REFUSED_CATEGORIES:
            raise ServiceError(INVALID_NAME, reason=f"it contains {_REFUSED_CATEGORIES[category]}")
    return name


def is_storable(text: str) -> bool:
    """Return whether PostgreSQL's text can hold this: no NUL and no half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def filename_from_key(key: str) -> str:
    """Return a valid name for an object that another tool put into the bucket: the last part of its key, with
    refused characters replaced by `_`, or `unnamed` where nothing is left."""
    last = key.rsplit("/", 1)[-1]
    cleaned = "".join("_" if unicodedata.category(c) in _REFUSED_CATEGORIES or c == "\\" else c for c in last)
    return cleaned[:MAX_NAME_LENGTH] if cleaned.strip() and cleaned not in {".", ".."} else "unnamed"
