"""The three types of a file (declared, of its extension, detected) and whether they contradict each other."""

import mimetypes
import re

UNKNOWN = "application/octet-stream"

_EXTENSIONS = mimetypes.MimeTypes(filenames=())
"""Python's own table only: the system's would make the answer differ between a laptop and Lambda."""

for _extension, _type in {
    ".7z": "application/x-7z-compressed",
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".apk": "application/vnd.android.package-archive",
    ".avif": "image/avif",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".flv": "video/x-flv",
    ".geojson": "application/geo+json",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".jar": "application/java-archive",
    ".jsonl": "application/x-ndjson",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".md": "text/markdown",
    ".mka": "audio/x-matroska",
    ".mkv": "video/x-matroska",
    ".ndjson": "application/x-ndjson",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".rar": "application/vnd.rar",
    ".sql": "application/sql",
    ".toml": "application/toml",
    ".weba": "audio/webm",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".wma": "audio/x-ms-wma",
    ".wmv": "video/x-ms-wmv",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}.items():
    _EXTENSIONS.add_type(_type, _extension)

EMPTY = "application/x-empty"
"""What the `file` command calls a file of 0 bytes."""

ZIP = "application/zip"

_NO_CLAIM = frozenset({UNKNOWN, EMPTY})

_ALIASES = {
    "binary/octet-stream": UNKNOWN,  # S3's own default
    "application/csv": "text/csv",
    "application/jsonl": "application/x-ndjson",
    "application/jsonlines": "application/x-ndjson",
    "application/ndjson": "application/x-ndjson",
    "application/ogg": "audio/ogg",
    "application/x-bzip": "application/x-bzip2",
    "application/x-gzip": "application/gzip",
    "application/x-java-archive": "application/java-archive",
    "application/x-jsonlines": "application/x-ndjson",
    "application/x-pdf": "application/pdf",
    "application/x-rar": "application/vnd.rar",
    "application/x-rar-compressed": "application/vnd.rar",
    "application/x-yaml": "application/yaml",
    "application/x-zip-compressed": "application/zip",
    "application/x-zstd": "application/zstd",
    "audio/m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/opus": "audio/ogg",
    "audio/vnd.wave": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-aac": "audio/aac",
    "audio/x-aiff": "audio/aiff",
    "audio/x-flac": "audio/flac",
    "audio/x-m4a": "audio/mp4",
    "audio/x-midi": "audio/midi",
    "audio/x-mpeg": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/vnd.microsoft.icon": "image/x-icon",
    "image/x-ms-bmp": "image/bmp",
    "image/x-png": "image/png",
    "text/json": "application/json",
    "text/x-csv": "text/csv",
    "text/x-markdown": "text/markdown",
    "text/xml": "application/xml",
    "video/avi": "video/x-msvideo",
    "video/x-m4v": "video/mp4",
}

_TEXTUAL_SUFFIXES = (
    *("+json", "+xml", "/json", "/xml", "/javascript", "/x-ndjson", "/yaml", "/toml", "/x-sh", "/sql", "/rtf"),
    *("/x-php", "/x-httpd-php", "/x-tex", "/x-perl", "/x-python", "/typescript"),
)

_ZIP_BASED = (
    *("openxmlformats", "opendocument", "epub+zip", "java-archive", "+zip", "/x-wheel", "android.package-archive"),
    *("macroenabled", "/vnd.google-earth.kmz"),
)

_FORMATS = {
    "json": ("/json", "+json", "/x-ndjson"),
    "drawing": ("/svg+xml",),
    "page": ("/html", "/xhtml+xml"),
    "xml": ("/xml", "+xml"),
    "rtf": ("/rtf",),
    "table": ("/csv", "/tab-separated-values"),
}
"""Textual formats that can be told from each other, by the endings of their types; the first that fits."""

_ALIKE = {frozenset({"drawing", "xml"}), frozenset({"page", "xml"})}

_EXCEL = "application/vnd.ms-excel"
"""What browsers on Windows declare a CSV as, if Excel is there to open it."""

_BROADER = {
    "text/plain": (
        *(_EXCEL, "application/postscript", "application/x-csh", "application/x-tcl", "application/x-latex"),
        *(
            "application/x-tex",
            "application/x-troff",
            "application/x-wais-source",
            "image/x-x",
            "image/x-portable-",
        ),
    ),
    "text/csv": (_EXCEL,),
    "text/tab-separated-values": (_EXCEL,),
    "application/x-ole-storage": (
        "application/msword",
        "application/vnd.ms-",
        "application/x-msi",
        "application/vnd.visio",
    ),
    "image/tiff": ("image/x-",),  # cameras' raw formats
    "image/heic": ("image/heif", "image/heic"),
    "image/heif": ("image/heif", "image/heic"),
    "video/x-ms-asf": ("video/x-ms-wmv", "audio/x-ms-wma"),
    "video/3gpp": ("video/mp4",),
    "application/gzip": ("application/x-compressed-tar", "application/x-tgz"),
}
"""What is detected, and the beginnings of the types that it may be called with as much right."""


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

    Any text may be called `text/plain`, and what was taken for plain text or a table may be any text; but JSON is
    no CSV, and a page no drawing. A document that is a zip inside may be called one and be detected as one; sound
    in a container may be called a video. Nothing contradicts a claim or a finding of "some bytes".
    """
    if claimed is None or detected is None:
        return False
    claimed, detected = essence(claimed), essence(detected)
    if claimed == detected or not _NO_CLAIM.isdisjoint({claimed, detected}):
        return False
    if _is_textual(claimed) and _is_textual(detected):
        return _another_format(claimed, detected)
    if claimed.startswith(_BROADER.get(detected, ("?",))) or _of_one_container(claimed, detected):
        return False
    return not (
        _is_zip_or_based_on_it(claimed) and _is_zip_or_based_on_it(detected) and ZIP in {claimed, detected}
    )


def _is_textual(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(_TEXTUAL_SUFFIXES)


def _another_format(claimed: str, detected: str) -> bool:
    formats = _text_format(claimed), _text_format(detected)
    # Whether a text is a table is a guess.
    return None not in formats and len(set(formats)) > 1 and formats[1] != "table" and set(formats) not in _ALIKE


def _text_format(media_type: str) -> str | None:
    return next((name for name, endings in _FORMATS.items() if media_type.endswith(endings)), None)


def _of_one_container(claimed: str, detected: str) -> bool:
    sorts, names = zip(claimed.split("/", 1), detected.split("/", 1), strict=True)
    return set(sorts) == {"audio", "video"} and names[0] == names[1]


def _is_zip_or_based_on_it(media_type: str) -> bool:
    return media_type == ZIP or any(mark in media_type for mark in _ZIP_BASED)
