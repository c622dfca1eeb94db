"""Whether files of a media type are allowed."""

from collections.abc import Iterable

from chalicelib.core.limits.model import OwnerLimits
from chalicelib.core.media_types.names import essence

ANY_SUBTYPE = "/*"


def is_allowed(media_type: str, limits: OwnerLimits) -> bool:
    """Return whether the owner may store files of this type, whatever its parameters. A denied type isn't allowed,
    also if another pattern allows it."""
    if _matches_any(media_type, limits.denied_types):
        return False
    return not limits.allowed_types or _matches_any(media_type, limits.allowed_types)


def are_types_limited(limits: OwnerLimits) -> bool:
    """Return whether there are types that the owner may not store."""
    return bool(limits.allowed_types or limits.denied_types)


def _matches_any(media_type: str, patterns: Iterable[str]) -> bool:
    return any(_matches(essence(media_type), pattern.lower()) for pattern in patterns)


def _matches(media_type: str, pattern: str) -> bool:
    """Return whether a pattern, such as `image/png` or `image/*`, is about the type under any of its names."""
    if pattern.endswith(ANY_SUBTYPE):
        return media_type.startswith(pattern[:-1])
    return media_type == essence(pattern)
