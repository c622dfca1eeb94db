"""The three types of a file (declared, of its extension, detected) and whether they contradict each other."""

import mimetypes
import re

UNKNOWN = "application/octet-stream"

_EXTENSIONS = mimetypes.MimeTypes(filenames=())
"""Python's own table only: the system's would make the answer differ between a laptop and Lambda."""

for _extension, _type in {
    ".7z": "application/x-7z-compressed",
    ".avif": "image/avif",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".jar": "application/java-archive",
    ".md": "text/markdown",
    ".ogg": "audio/ogg",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".sql": "application/sql",
    ".toml": "application/toml",
    ".webp": "image/webp",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
}.items():
    _EXTENSIONS.add_type(_type, _extension)

EMPTY = "application/x-empty"
"""What the `file` command calls a file of 0 bytes."""

_NO_CLAIM = frozenset({UNKNOWN, EMPTY})

_ALIASES = {
    "binary/octet-stream": UNKNOWN,  # S3's own default
    "application/x-gzip": "application/gzip",
    "application/x-yaml": "application/yaml",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "image/vnd.microsoft.icon": "image/x-icon",
    "application/x-zip-compressed": "application/zip",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/x-ms-bmp": "image/bmp",
    "text/xml": "application/xml",
}

_TEXTUAL_SUFFIXES = (
    "+json",
    "+xml",
    "/json",
    "/xml",
    "/javascript",
    "/x-ndjson",
    "/yaml",
    "/toml",
    "/x-sh",
    "/sql",
    "/rtf",
)
_ZIP_BASED = (
    "openxmlformats",
    "opendocument",
    "epub+zip",
    "java-archive",
    "+zip",
    "/x-wheel",
    "android.package-archive",
)


_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}( *;[ -~]{0,200})?", re.ASCII)


def is_media_type(text: str) -> bool:
    """Tell whether the text is a media type (RFC 6838, 4.2), perhaps with parameters."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def essence(media_type: str) -> str:
    """Return the type without its parameters, in lower case and under its usual name."""
    bare = media_type.split(";", 1)[0].strip().lower()
    return _ALIASES.get(bare, bare)


def of_extension(name: str) -> str | None:
    """Return the type that the name's extension stands for, or None."""
    guessed, encoding = _EXTENSIONS.guess_type(name.replace(":", "_"), strict=False)  # it takes URLs, too
    if encoding is not None:
        return {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}.get(encoding)
    return guessed and essence(guessed)


def contradict(claimed: str | None, detected: str | None) -> bool:
    """Tell whether the content shows that the claim is wrong, granting what a person would grant.

    Anything textual may be called `text/plain` and the other way round, a document that is a zip inside may
    be detected as one, and nothing contradicts a claim or a finding of "some bytes".
    """
    if claimed is None or detected is None:
        return False
    claimed, detected = essence(claimed), essence(detected)
    if claimed == detected or not _NO_CLAIM.isdisjoint({claimed, detected}):
        return False
    if _is_textual(claimed) and _is_textual(detected):
        return False
    return not (detected == "application/zip" and any(mark in claimed for mark in _ZIP_BASED))


def _is_textual(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(_TEXTUAL_SUFFIXES)
