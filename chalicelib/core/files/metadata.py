"""Metadata: the map of short texts that a client gives to a file, and what is allowed in it."""

import re
from collections.abc import Mapping

from chalicelib.core.errors import INVALID_METADATA, ServiceError
from chalicelib.core.files.filenames import is_storable

MAX_ENTRIES = 20

MAX_KEY_LENGTH = 64
"""Characters."""

KEY_PATTERN = rf"[A-Za-z0-9_.\-]{{1,{MAX_KEY_LENGTH}}}"
"""Characters that need no escape in a query string or in the name of a form's field."""

MAX_VALUE_LENGTH = 500
"""Characters."""

MAX_BYTES = 2048
"""Of all keys and values in UTF-8: as many as S3 allows of an object's metadata. A page of a list has up to 1,000
files, and each change of a file has its metadata again.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html"""


def check_metadata(metadata: Mapping[str, str]) -> Mapping[str, str]:
    """Return the metadata unchanged, or raise ServiceError(INVALID_METADATA)."""
    if fault := find_fault(metadata):
        raise ServiceError(INVALID_METADATA, reason=fault)
    return metadata


def find_fault(metadata: Mapping[str, str]) -> str | None:
    """Return what isn't allowed in the metadata, as a clause for a message; None if all of it is."""
    if len(metadata) > MAX_ENTRIES:
        return f"it has {len(metadata)} entries, and {MAX_ENTRIES} are allowed"
    for key, value in metadata.items():
        if not re.fullmatch(KEY_PATTERN, key):
            return (
                f"the key `{key}` must have 1 to {MAX_KEY_LENGTH} characters, and only letters from A to Z, "
                "a to z, digits, `_`, `.` and `-`"
            )
        if len(value) > MAX_VALUE_LENGTH:
            return f"the value of `{key}` is longer than {MAX_VALUE_LENGTH} characters"
        if not is_storable(value):
            return f"the value of `{key}` contains a NUL character or half of a surrogate pair"
    size = sum(len(text.encode()) for entry in metadata.items() for text in entry)
    if size > MAX_BYTES:
        return f"its keys and values have {size} bytes in UTF-8, and {MAX_BYTES} are allowed"
    return None
