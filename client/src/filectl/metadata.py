"""`--metadata KEY=VALUE`."""

from collections.abc import Iterable

from filectl.errors import UsageError


def parse_metadata(pairs: Iterable[str]) -> dict[str, str]:
    """Return the keys and values. Raises UsageError."""
    metadata: dict[str, str] = {}
    for pair in pairs:
        key, separator, value = pair.partition("=")
        if not separator or not key:
            raise UsageError(f"--metadata must be KEY=VALUE, not {pair!r}.")
        if key in metadata:
            raise UsageError(f"--metadata has the key {key!r} twice.")
        metadata[key] = value
    return metadata
