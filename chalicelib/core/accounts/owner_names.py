"""Names of owners."""

import unicodedata

MAX_OWNER_LENGTH = 128
"""Characters. A key `uploads/by/{owner}/…` has to leave room for a file's name in S3's 1,024 bytes."""

REQUIREMENT = (
    "must have 1 to 128 printable characters in Unicode's form NFC, no `/`, no space at either end, and not be "
    "`.` or `..`"
)


def is_owner_name(name: str) -> bool:
    """Return whether an owner may be called so: it has to fit into a segment of an object's key and into a line of
    a log, and no other name may be the same text in another form of Unicode."""
    return (
        0 < len(name) <= MAX_OWNER_LENGTH
        and name.isprintable()
        and "/" not in name
        and name == name.strip()
        and name not in {".", ".."}
        and unicodedata.is_normalized("NFC", name)
    )
