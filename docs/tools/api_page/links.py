"""Links from docs/reference/api.md to other pages. The description itself has none: it is read elsewhere, too."""

from collections.abc import Mapping

PAGES: Mapping[str, tuple[str, str]] = {
    "Status": ("status", "statuses.md#statuses"),
    "HistoryEventType": ("type", "statuses.md#timeline-types"),
}
"""By the component of an enumeration: what it is called, and the page that explains its values."""

OF_FIELDS: Mapping[str, tuple[str, str]] = {
    "FileResource.types.mismatch": ("Which do", "processors.md#type-mismatches"),
    "FileResource.result": ("All facts", "processors.md"),
    "FileResource.error": ("All codes", "errors.md#errors-of-files"),
    "FileResource.thumbnail": ("Which files have one", "processors.md#thumbnails"),
}
"""By component and field: the words of a link behind the field's meaning, and where it leads."""

OF_OPERATIONS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "get_content": (
        ("how soon a missing object is noticed", "../decisions/0012-result-belongs-to-one-object.md"),
    ),
    "get_thumbnail": (("files that have one", "processors.md#thumbnails"),),
    "get_timeline": (("types of entries", "statuses.md#timeline-types"),),
    "list_changes": (("how the order is kept", "../decisions/0011-changes-in-commit-order.md"),),
    "check_health": (("what to do", "../how-to/operate.md"),),
}
"""By operation: what to read next."""
