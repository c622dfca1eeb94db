"""The metadata of a file as Uppy sends it: all that a page has set, and fields of Uppy's own.

Uppy 6 sends the values as they are in a JSON body, and as JavaScript's `String` makes them in a query.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.core.errors import INVALID_METADATA, ServiceError
from chalicelib.core.files.metadata import check_metadata, find_fault

OF_THE_FILE = ("name", "type")
"""The file's own name and media type, which are sent beside the metadata, too."""

RELATIVE_PATH = "relativePath"
"""Where the file is in the folder that was dropped; null outside of one."""

NOTHING = (None, "null", "undefined")
"""Also as `String` makes it."""


def read_metadata(sent: Mapping[str, Any] | None) -> Mapping[str, str]:
    """Return the metadata. Fields of Uppy's own are left out where they can't be metadata, because pages don't set
    them; anything else has to be valid. Raises ServiceError(INVALID_METADATA)."""
    metadata = {
        key: _to_text(key, value)
        for key, value in (sent or {}).items()
        if key not in OF_THE_FILE and value not in NOTHING
    }
    if find_fault(metadata):
        metadata.pop(RELATIVE_PATH, None)
    return check_metadata(metadata)


def _to_text(key: str, value: Any) -> str:
    """Return the value as JavaScript's `String` makes it."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    raise ServiceError(INVALID_METADATA, reason=f"the value of `{key}` must be a string")
