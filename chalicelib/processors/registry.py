"""Which processor describes which types. Each is imported when the first file of its kind comes."""

from collections.abc import Sequence
from importlib import import_module
from typing import BinaryIO

from chalicelib.core.described import Described
from chalicelib.core.errors import TOO_COSTLY, BadContentError
from chalicelib.core.files import Description
from chalicelib.core.media_types import essence
from chalicelib.processors.detection import detect
from chalicelib.processors.shared.isolation import run_apart
from chalicelib.processors.shared.running import run

PROCESSORS: dict[str, tuple[str, ...]] = {
    "svg": ("image/svg+xml",),
    "image": (
        *("image/png", "image/jpeg", "image/gif", "image/webp", "image/tiff", "image/avif", "image/bmp"),
        *("image/heic", "image/heif"),
    ),
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
    "media": (
        *(
            "audio/aac",
            "audio/aiff",
            "audio/amr",
            "audio/flac",
            "audio/mp4",
            "audio/mpeg",
            "audio/ogg",
            "audio/wav",
        ),
        *("video/3gpp", "video/mp2t", "video/mp4", "video/mpeg", "video/ogg", "video/quicktime", "video/webm"),
        *("video/x-flv", "video/x-matroska", "video/x-ms-asf", "video/x-msvideo"),
    ),
    "text": ("text/", "application/xml", "application/xhtml+xml", "application/rtf"),
}
"""A module's name, which is also its entry in a file's `result`, and the beginnings of the types it takes. The
first that takes a type describes the file."""

APART = frozenset({"media", "pdf"})
"""Those whose libraries need a process of their own."""

ALSO_LESS = frozenset({"pdf"})

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


def identify(source: BinaryIO, size: int) -> Description:
    """Only detect the file's type: for a file that its processor doesn't survive."""
    return Description(detected_type=detect(source, size), result={})


def versions() -> dict[str, int]:
    """Return each processor's present version, to compare with the `version` in a file's `result`. Loads them all."""
    return {name: import_module(_module(name)).VERSION for name in PROCESSORS}


def describe_as(name: str, source: BinaryIO, size: int) -> tuple[int, Described]:
    """Let one processor describe the file; return its version and what it tells.

    One that runs apart and comes to no end is asked for less, if it has a `describe_less`.
    """
    if name not in APART:
        return run(_module(name), source, size)
    try:
        return run_apart(_module(name), source, size)
    except BadContentError as fault:
        if fault.kind is not TOO_COSTLY or name not in ALSO_LESS:
            raise
        return run_apart(_module(name), source, size, "describe_less")


def _module(name: str) -> str:
    return f"{__package__}.{name}"


def _taker(detected_type: str, claims: Sequence[str | None]) -> str | None:
    if detected_type == PLAIN:
        for claim in filter(None, claims):
            if (name := _by_type(essence(claim))) in ON_TRUST:
                return name
    return _by_type(detected_type)


def _by_type(media_type: str) -> str | None:
    return next((name for name, types in PROCESSORS.items() if media_type.startswith(types)), None)
