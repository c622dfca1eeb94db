"""Which processor describes which media types. Its module is imported with the first file of these types."""

from collections.abc import Sequence
from typing import Any, BinaryIO

from msgspec import Struct

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.core.files.model import Analysis
from chalicelib.core.media_types.names import PLAIN_TEXT, essence
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.detection.detect import detect
from chalicelib.processors.sandbox.runner import run


class ProcessorSpec(Struct, frozen=True, kw_only=True):
    """How a processor is selected and run."""

    version: int
    """Grows when its results change. It is here and not in its module, which would load its library."""
    types: tuple[str, ...]
    """Prefixes of the media types that it describes."""
    accepts_declared_type: bool = False
    """Also describes plain text that is declared as one of its types, though detection can't tell: a table of one
    column, JSON with a syntax error."""
    sandboxed: bool = False
    """Runs in a process of its own, because its library can't be stopped from within."""
    has_fallback: bool = False
    """Has a `describe_fallback` for files whose `describe` exceeds the limits."""


def _each(top_level: str, *names: str) -> tuple[str, ...]:
    """Return the names as media types of this top level."""
    return tuple(f"{top_level}/{name}" for name in names)


PROCESSORS: dict[str, ProcessorSpec] = {
    "svg": ProcessorSpec(version=1, types=("image/svg+xml",)),
    "image": ProcessorSpec(
        version=4,
        types=(
            *_each("image", "avif", "bmp", "gif", "heic", "heif", "jpeg", "jxl", "png", "tiff", "webp"),
            *_each("image", "x-adobe-dng", "x-canon-cr", "x-epson-erf", "x-fuji-raf"),
            *_each("image", "x-hasselblad-3fr", "x-kodak-dcr", "x-kodak-kdc", "x-mamiya-mef", "x-minolta-mrw"),
            *_each("image", "x-nikon-n", "x-olympus-orf", "x-panasonic-rw2", "x-pentax-pef", "x-phaseone-iiq"),
            *_each("image", "x-samsung-srw", "x-sigma-x3f", "x-sony-"),
        ),
        sandboxed=True,
        has_fallback=True,
    ),
    "pdf": ProcessorSpec(version=4, types=("application/pdf",), sandboxed=True, has_fallback=True),
    "csv": ProcessorSpec(version=3, types=("text/csv", "text/tab-separated-values"), accepts_declared_type=True),
    "json": ProcessorSpec(
        version=3,
        types=("application/json", "application/x-ndjson"),
        accepts_declared_type=True,
        sandboxed=True,
    ),
    "office": ProcessorSpec(
        version=2,
        types=(
            "application/vnd.openxmlformats-officedocument.",
            "application/vnd.oasis.opendocument.",
            *_each("application", "vnd.ms-excel.", "vnd.ms-powerpoint.", "vnd.ms-word.", "vnd.ms-visio."),
            *_each("application", "msword", "vnd.ms-excel", "vnd.ms-powerpoint", "vnd.visio"),
            *_each("application", "vnd.ms-publisher", "vnd.ms-project"),
            "application/epub+zip",
        ),
        sandboxed=True,
        has_fallback=True,
    ),
    "mail": ProcessorSpec(
        version=1,
        types=("message/rfc822", "application/mbox", "multipart/related", "application/vnd.ms-outlook"),
        sandboxed=True,
        has_fallback=True,
    ),
    "archive": ProcessorSpec(
        version=3,
        types=(
            *_each("application", "zip", "java-archive", "vnd.android.package-archive", "vnd.rar", "zstd", "gzip"),
            *_each("application", "x-tar", "x-bzip2", "x-xz", "x-7z-compressed"),
            *_each("application", "vnd.apple.keynote", "vnd.apple.numbers", "vnd.apple.pages", "vnd.sun.xml."),
            *_each(
                "application", "vnd.google-earth.kmz", "vnd.ms-xpsdocument", "vsix", "x-ios-app", "x-xpinstall"
            ),
            *_each("application", "vnd.adobe.indesign-idml-package", "vnd.etsi.asic-", "x-krita"),
            *("image/openraster", "model/3mf", "model/vnd.usdz+zip"),
        ),
        sandboxed=True,
        has_fallback=True,
    ),
    "media": ProcessorSpec(
        version=3,
        types=(
            *_each(
                "audio", "3gpp", "aac", "aiff", "amr", "flac", "mp4", "mpeg", "ogg", "quicktime", "wav", "webm"
            ),
            *_each(
                "audio", "ac3", "basic", "eac3", "vnd.wave64", "x-ape", "x-caf", "x-dsf", "x-flv", "x-matroska"
            ),
            *_each("audio", "x-ms-wma", "x-musepack", "x-tta", "x-wavpack"),
            "application/mxf",
            *_each("video", "3gpp", "mp2t", "mp4", "mpeg", "ogg", "quicktime", "webm"),
            *_each("video", "x-flv", "x-matroska", "x-ms-asf", "x-msvideo"),
        ),
        sandboxed=True,
    ),
    "text": ProcessorSpec(
        version=3,
        types=(
            "text/",
            *_each("application", "atom+xml", "gpx+xml", "mathml+xml", "rss+xml", "vnd.google-earth.kml+xml"),
            *_each(
                "application", "rtf", "vnd.apple.mpegurl", "x-pem-file", "x-subrip", "xhtml+xml", "xml", "yaml"
            ),
            *_each("model", "stl", "step", "vrml", "vnd.collada+xml"),
            *_each("image", "x-xbitmap", "x-xpixmap"),
        ),
    ),
}
"""By the name of the module in `formats`, which is also the key in a file's `result`. The first processor with a
matching type describes the file."""

WORKER_CRASHES = "worker_crashes"
"""Value of `skipped` in the result of a file whose processor isn't run any more."""


def analyze(source: BinaryIO, size: int, declared_types: Sequence[str | None] = ()) -> Analysis:
    """Detect the file's type and let the matching processor describe the file.

    `declared_types` are the types from the client and the extension. `result` maps the processor's name to its
    facts, which include its `version`.
    Raises BadContentError, with the type and the processor as its `partial_analysis`, if the content is bad.
    """
    detected_type = detect(source, size)
    name = _select_processor(detected_type, declared_types)
    if name is None:
        return Analysis(detected_type=detected_type, result={})
    try:
        result = run_processor(name, source, size, detected_type)
    except BadContentError as error:
        error.partial_analysis = _analysis(detected_type, name, {})
        raise
    return _analysis(detected_type, name, result.facts, result.thumbnail)


def detect_only(source: BinaryIO, size: int, declared_types: Sequence[str | None] = ()) -> Analysis:
    """Detect the file's type without running a processor, for a file that crashed its workers. `result` says so,
    with the processor's version, so that a newer one may try."""
    detected_type = detect(source, size)
    name = _select_processor(detected_type, declared_types)
    if name is None:
        return Analysis(detected_type=detected_type, result={})
    return _analysis(detected_type, name, {"skipped": WORKER_CRASHES})


def versions() -> dict[str, int]:
    """Return each processor's current version, to compare with the `version` in a `result`."""
    return {name: spec.version for name, spec in PROCESSORS.items()}


def type_prefixes() -> list[str]:
    """Return the prefixes of all media types that have a processor."""
    return [prefix for spec in PROCESSORS.values() for prefix in spec.types]


def module_of(name: str) -> str:
    """Return the full name of a processor's module."""
    return f"{__package__}.formats.{name}"


def run_processor(name: str, source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Run one processor, and its fallback if the processor exceeds its limits in the sandbox."""
    spec = PROCESSORS[name]
    if not spec.sandboxed:
        return run(module_of(name), source, size, media_type)
    try:
        return run_sandboxed(module_of(name), source, size, media_type)
    except BadContentError as error:
        if error.kind is not RESOURCE_LIMIT_EXCEEDED or not spec.has_fallback:
            raise
        return run_sandboxed(module_of(name), source, size, media_type, "describe_fallback")


def run_sandboxed(
    module_name: str, source: BinaryIO, size: int, media_type: str, function: str = "describe"
) -> ProcessorResult:
    """Run a processor as `sandbox.parent.run_sandboxed` does, whose module is loaded with the first such file."""
    from chalicelib.processors.sandbox import parent

    return parent.run_sandboxed(module_name, source, size, media_type, function)


def _analysis(detected_type: str, name: str, facts: dict[str, Any], thumbnail: bytes | None = None) -> Analysis:
    result = {name: {"version": PROCESSORS[name].version, **facts}}
    return Analysis(detected_type=detected_type, result=result, thumbnail=thumbnail)


def _select_processor(detected_type: str, declared_types: Sequence[str | None]) -> str | None:
    if detected_type == PLAIN_TEXT:
        for declared_type in filter(None, declared_types):
            name = _processor_of(essence(declared_type))
            if name is not None and PROCESSORS[name].accepts_declared_type:
                return name
    return _processor_of(detected_type)


def _processor_of(media_type: str) -> str | None:
    return next((name for name, spec in PROCESSORS.items() if media_type.startswith(spec.types)), None)
