"""Keys of objects in the bucket."""

import unicodedata
from uuid import UUID

from chalicelib.core.accounts.owner_names import is_owner_name

UPLOADS_PREFIX = "uploads/"
"""The prefix of uploaded objects, whose events trigger processing."""

OWNED_UPLOADS_PREFIX = "uploads/by/"
"""The prefix under which another tool puts objects for an owner: `uploads/by/{owner}/{name}`."""

DERIVED_PREFIX = "derived/"
"""The prefix of objects made from files, such as thumbnails. Their events trigger nothing."""

SIGNING_KEYS_KEY = "config/jwks.json"
"""The public keys of the issuer of JWTs. Neither a presigned request nor an event is ever for this prefix."""

MAX_NAME_BYTES_IN_KEY = 255
"""S3 accepts keys of up to 1,024 bytes of UTF-8 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
This is less: a presigned URL holds the key percent-encoded and must fit into a Location header of some 8 kB, and
tools that copy a bucket to disk need names that a file system accepts."""


def object_key(file_id: UUID, name: str) -> str:
    """Return `uploads/{id}/{name}`, the name cut at a character's end to MAX_NAME_BYTES_IN_KEY.

    The name in the key is for people who look into the bucket; the row holds the whole name. It never has
    `${filename}`, which S3 replaces in the key of a form:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/HTTPPOSTForms.html#HTTPPOSTFormFields
    """
    cut = name.replace("${filename}", "$filename").encode()[:MAX_NAME_BYTES_IN_KEY].decode(errors="ignore")
    return f"{UPLOADS_PREFIX}{file_id}/{cut}"


def owner_from_key(key: str) -> str | None:
    """Return the owner whom another tool has named in a key `uploads/by/{owner}/…`; None if it names none, or one
    that no owner can be called. Names of directories may be in another form of Unicode than NFC."""
    if not key.startswith(OWNED_UPLOADS_PREFIX):
        return None
    name, separator, _ = key.removeprefix(OWNED_UPLOADS_PREFIX).partition("/")
    owner = unicodedata.normalize("NFC", name)
    return owner if separator and is_owner_name(owner) else None


def hide_name(key: str) -> str:
    """Return the key for a log line, without the file's name: `uploads/{id}/…`, or `uploads/…` of another tool's
    key."""
    prefix, _, rest = key.partition("/")
    file_id, separator, _ = rest.partition("/")
    try:
        return f"{prefix}/{UUID(file_id)}/…" if separator else f"{prefix}/…"
    except ValueError:
        return f"{prefix}/…"


def thumbnail_key(file_id: UUID, attempt: int) -> str:
    """Return `derived/{id}/{attempt}/thumbnail.webp`."""
    return f"{DERIVED_PREFIX}{file_id}/{attempt}/thumbnail.webp"


def parse_thumbnail_key(key: str) -> UUID | None:
    """Return the file's id from a thumbnail's key, or None for a key that isn't one."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if len(parts) == 4 and key.startswith(DERIVED_PREFIX) else None
    except ValueError:
        return None
