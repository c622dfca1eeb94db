"""Which processor describes which types. Each is imported when the first file of its kind comes."""

import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any, BinaryIO

from chalicelib.core.bounded_reader import BoundedReader
from chalicelib.core.described import Described, storable
from chalicelib.core.errors import BadContentError, ServiceError
from chalicelib.core.files import Description
from chalicelib.core.media_types import essence
from chalicelib.processors.detection import detect

log = logging.getLogger(__name__)

SECONDS = 60
"""For which one processor may go on reading; half of what the function has."""

PROCESSORS: dict[str, tuple[str, ...]] = {
    "svg": ("image/svg+xml",),
    "image": ("image/",),
    "pdf": ("application/pdf",),
    "csv": ("text/csv", "text/tab-separated-values"),
    "json": ("application/json", "application/x-ndjson"),
    "office": (
        *("application/vnd.openxmlformats-officedocument.", "application/vnd.ms-", "application/epub+zip"),
        "application/vnd.oasis.opendocument.",
    ),
    "archive": (
        *("application/zip", "application/java-archive", "application/vnd.android.package-archive"),
        *("application/x-tar", "application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd"),
        *("application/x-7z-compressed", "application/vnd.rar"),
    ),
    "media": ("audio/", "video/"),
    "text": ("text/", "application/xml", "application/rtf"),
}
"""A module's name, which is also its entry in a file's `result`, and the beginnings of the types it takes. The first
that takes a type describes the file."""

PLAIN = "text/plain"
ON_TRUST = ("csv", "json")
"""What a text is described as because it is called so, although its content alone doesn't show it: a table of one
column, JSON with a mistake."""


def describe(source: BinaryIO, size: int, claims: Sequence[str | None] = ()) -> Description:
    """Detect the file's type and let the processor that takes it describe the file.

    `claims` are the types that others give it: declared, of its extension. `result` maps the processor's name to
    its facts, with its `version` among them.
    Raises BadContentError where the content is at fault.
    """
    detected_type = detect(source, size)
    name = _taker(detected_type, claims)
    if name is None:
        return Description(detected_type=detected_type, result={})
    version, described = describe_as(name, source, size)
    return Description(
        detected_type=detected_type,
        result={name: {"version": version, **described.facts}},
        thumbnail=described.thumbnail,
    )


def describe_as(name: str, source: BinaryIO, size: int) -> tuple[int, Described]:
    """Let one processor describe the file; return its version and what it tells.

    It may read `LIMIT` bytes of its module. What it raises means that the file is not what it begins like, unless
    the storage was at fault.
    """
    processor = import_module(f"chalicelib.processors.{name}")
    bounded = BoundedReader(source, size, limit=processor.LIMIT, seconds=SECONDS)
    try:
        described: Described = processor.describe(bounded, size)
    except Exception as fault:
        raise _blamed(fault, bounded, processor) from fault
    if bounded.fault is not None:
        raise bounded.fault
    return processor.VERSION, Described(storable(described.facts), described.thumbnail)


def _taker(detected_type: str, claims: Sequence[str | None]) -> str | None:
    if detected_type == PLAIN:
        for claim in filter(None, claims):
            if (name := _by_type(essence(claim))) in ON_TRUST:
                return name
    return _by_type(detected_type)


def _by_type(media_type: str) -> str | None:
    return next((name for name, types in PROCESSORS.items() if media_type.startswith(types)), None)


def _blamed(fault: Exception, bounded: BoundedReader, processor: Any) -> Exception:
    """Return the exception to raise: the storage's, the processor's own, or bad content."""
    if bounded.fault is not None:
        return bounded.fault
    if isinstance(fault, ServiceError):
        return fault
    # Hostile bytes make libraries raise whatever they stumble over.
    log.warning("%s can't read a file", processor.__name__, exc_info=fault)
    return BadContentError(processor.UNREADABLE)
