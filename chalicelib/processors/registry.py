"""Which processor describes which types. Each is imported when the first file of its kind comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.core.files.model import Analysis
from chalicelib.core.media_types.names import essence
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.detection.detect import detect
from chalicelib.processors.sandbox.parent import run_apart
from chalicelib.processors.sandbox.runner import run


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a processor is used."""

    version: int
    """Grows when its results change. It stands here and not in its module, which would load its library."""
    types: tuple[str, ...]
    """The beginnings of the types that it takes."""
    on_trust: bool = False
    """Also takes a text that is called so, although its content alone doesn't show it: a table of one column, JSON
    with a mistake."""
    apart: bool = False
    """Needs a process of its own, because its library can't be stopped from within."""
    also_less: bool = False
    """Has a `describe_less`, for a file for which the whole of `describe` takes too much."""


def _each(top_level: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{top_level}/{name}" for name in names)


PROCESSORS: dict[str, Kind] = {
    "svg": Kind(version=1, types=("image/svg+xml",)),
    "image": Kind(
        version=3,
        types=_each("image", "avif", "bmp", "gif", "heic", "heif", "jpeg", "png", "tiff", "webp"),
        apart=True,
        also_less=True,
    ),
    "pdf": Kind(version=3, types=("application/pdf",), apart=True, also_less=True),
    "csv": Kind(version=2, types=("text/csv", "text/tab-separated-values"), on_trust=True),
    "json": Kind(version=2, types=("application/json", "application/x-ndjson"), on_trust=True, apart=True),
    "office": Kind(
        version=1,
        types=(
            "application/vnd.openxmlformats-officedocument.",
            "application/vnd.oasis.opendocument.",
            *_each("application", "vnd.ms-excel", "vnd.ms-powerpoint", "vnd.ms-word"),
            "application/epub+zip",
        ),
        apart=True,
        also_less=True,
    ),
    "archive": Kind(
        version=2,
        types=(
            *_each("application", "zip", "java-archive", "vnd.android.package-archive", "vnd.rar", "zstd", "gzip"),
            *_each("application", "x-tar", "x-bzip2", "x-xz", "x-7z-compressed"),
        ),
        apart=True,
        also_less=True,
    ),
    "media": Kind(
        version=2,
        types=(
            *_each("audio", "aac", "aiff", "amr", "flac", "mp4", "mpeg", "ogg", "wav"),
            *_each("video", "3gpp", "mp2t", "mp4", "mpeg", "ogg", "quicktime", "webm"),
            *_each("video", "x-flv", "x-matroska", "x-ms-asf", "x-msvideo"),
        ),
        apart=True,
    ),
    "text": Kind(version=2, types=("text/", "application/xml", "application/xhtml+xml", "application/rtf")),
}
"""By the module's name, which is also the entry in a file's `result`. The first that takes a type describes it."""

WORKER_CRASHES = "worker_crashes"
"""Why a processor was left out."""

PLAIN = "text/plain"


def describe(source: BinaryIO, size: int, claims: Sequence[str | None] = ()) -> Analysis:
    """Detect the file's type and let the processor that takes it describe the file.

    `claims` are the types that others give it: declared, of its extension. `result` maps the processor's name to
    its facts, with its `version` among them.
    Raises BadContentError, which tells the type and the processor, where the content is at fault.
    """
    detected_type = detect(source, size)
    name = _taker(detected_type, claims)
    if name is None:
        return Analysis(detected_type=detected_type, result={})
    try:
        described = describe_as(name, source, size)
    except BadContentError as fault:
        fault.partial_analysis = _told(detected_type, name, {})
        raise
    return _told(detected_type, name, described.facts, described.thumbnail)


def identify(source: BinaryIO, size: int, claims: Sequence[str | None] = ()) -> Analysis:
    """Only detect the file's type: for a file that its processor doesn't survive. `result` says so, with the
    version of the processor, so that a newer one may try."""
    detected_type = detect(source, size)
    name = _taker(detected_type, claims)
    if name is None:
        return Analysis(detected_type=detected_type, result={})
    return _told(detected_type, name, {"skipped": WORKER_CRASHES})


def versions() -> dict[str, int]:
    """Return each processor's present version, to compare with the `version` in a `result`."""
    return {name: kind.version for name, kind in PROCESSORS.items()}


def types() -> list[str]:
    """Return the beginnings of all types that are described."""
    return [beginning for kind in PROCESSORS.values() for beginning in kind.types]


def describe_as(name: str, source: BinaryIO, size: int) -> Described:
    """Let one processor describe the file; return what it tells.

    One that runs apart and comes to no end is asked for less, if it has a `describe_less`.
    """
    kind = PROCESSORS[name]
    if not kind.apart:
        return run(_module(name), source, size)
    try:
        return run_apart(_module(name), source, size)
    except BadContentError as fault:
        if fault.kind is not RESOURCE_LIMIT_EXCEEDED or not kind.also_less:
            raise
        return run_apart(_module(name), source, size, "describe_less")


def _told(detected_type: str, name: str, facts: dict[str, Any], thumbnail: bytes | None = None) -> Analysis:
    result = {name: {"version": PROCESSORS[name].version, **facts}}
    return Analysis(detected_type=detected_type, result=result, thumbnail=thumbnail)


def _module(name: str) -> str:
    return f"{__package__}.formats.{name}"


def _taker(detected_type: str, claims: Sequence[str | None]) -> str | None:
    if detected_type == PLAIN:
        for claim in filter(None, claims):
            name = _by_type(essence(claim))
            if name is not None and PROCESSORS[name].on_trust:
                return name
    return _by_type(detected_type)


def _by_type(media_type: str) -> str | None:
    return next((name for name, kind in PROCESSORS.items() if media_type.startswith(kind.types)), None)
