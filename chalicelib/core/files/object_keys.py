"""The names of files, and the object keys made of them."""

import re
import unicodedata
from uuid import UUID

from chalicelib.core.errors import INVALID_NAME, ServiceError

UPLOADS = "uploads/"
"""The prefix whose objects are processed."""

DERIVED = "derived/"
"""The prefix of what is made of files. Its objects call no function."""

MAX_NAME_LENGTH = 255
"""Characters."""

MAX_NAME_BYTES_IN_KEY = 255
"""S3 takes keys of up to 1,024 bytes of UTF-8 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
This is less: a presigned URL holds the key percent-encoded and must fit into a Location header of some 8 kB, and
tools that copy a bucket to disk need names that a file system takes."""

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Control characters, halves of surrogate pairs, and the separators of lines and paragraphs."""


def clean_name(raw: str) -> str:
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


def object_key(file_id: UUID, name: str) -> str:
    """Return `uploads/{id}/{name}`, the name cut at a character's end to MAX_NAME_BYTES_IN_KEY.

    The name in the key is for people who look into the bucket; the row holds the whole one.
    """
    cut = name.encode()[:MAX_NAME_BYTES_IN_KEY].decode(errors="ignore")
    return f"{UPLOADS}{file_id}/{cut}"


def thumbnail_key(file_id: UUID, attempt: int) -> str:
    """Return `derived/{id}/{attempt}/thumbnail.webp`."""
    return f"{DERIVED}{file_id}/{attempt}/thumbnail.webp"


def file_of_thumbnail(key: str) -> UUID | None:
    """Return the id in a thumbnail's key; None for a key that isn't one."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if len(parts) == 4 and key.startswith(DERIVED) else None
    except ValueError:
        return None


def name_of_key(key: str) -> str:
    """Return a name for an object that another tool put into the bucket: the key's last part, made fit."""
    last = key.rsplit("/", 1)[-1]
    fit = "".join("_" if unicodedata.category(c) in _REFUSED_CATEGORIES or c == "\\" else c for c in last)
    return fit[:MAX_NAME_LENGTH] if fit.strip() and fit not in {".", ".."} else "unnamed"
