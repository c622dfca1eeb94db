"""The media types that file extensions stand for."""

import mimetypes

from chalicelib.core.media_types.names import essence

_EXTENSIONS = mimetypes.MimeTypes(filenames=())
"""Python's own table only: the system's would make the result differ between a laptop and Lambda."""

for _extension, _type in {
    ".3fr": "image/x-hasselblad-3fr",
    ".7z": "application/x-7z-compressed",
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".apk": "application/vnd.android.package-archive",
    ".apng": "image/apng",
    ".arw": "image/x-sony-arw",
    ".ass": "text/x-ssa",
    ".avif": "image/avif",
    ".cr2": "image/x-canon-cr2",
    ".cr3": "image/x-canon-cr3",
    ".crt": "application/x-x509-ca-cert",
    ".crw": "image/x-canon-crw",
    ".dcr": "image/x-kodak-dcr",
    ".dng": "image/x-adobe-dng",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".dotm": "application/vnd.ms-word.template.macroEnabled.12",
    ".dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    ".epub": "application/epub+zip",
    ".erf": "image/x-epson-erf",
    ".flac": "audio/flac",
    ".flv": "video/x-flv",
    ".geojson": "application/geo+json",
    ".graphql": "application/graphql",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".ics": "text/calendar",
    ".iiq": "image/x-phaseone-iiq",
    ".jar": "application/java-archive",
    ".jsonl": "application/x-ndjson",
    ".kdc": "image/x-kodak-kdc",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".m4v": "video/mp4",
    ".md": "text/markdown",
    ".mef": "image/x-mamiya-mef",
    ".mka": "audio/x-matroska",
    ".mkv": "video/x-matroska",
    ".mrw": "image/x-minolta-mrw",
    ".ndjson": "application/x-ndjson",
    ".nef": "image/x-nikon-nef",
    ".nrw": "image/x-nikon-nrw",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".orf": "image/x-olympus-orf",
    ".otf": "font/otf",
    ".otp": "application/vnd.oasis.opendocument.presentation-template",
    ".ots": "application/vnd.oasis.opendocument.spreadsheet-template",
    ".ott": "application/vnd.oasis.opendocument.text-template",
    ".pef": "image/x-pentax-pef",
    ".pem": "application/x-pem-file",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".psd": "image/vnd.adobe.photoshop",
    ".raf": "image/x-fuji-raf",
    ".rar": "application/vnd.rar",
    ".rw2": "image/x-panasonic-rw2",
    ".rwl": "image/x-panasonic-rw2",
    ".sql": "application/sql",
    ".sr2": "image/x-sony-sr2",
    ".srf": "image/x-sony-srf",
    ".srw": "image/x-samsung-srw",
    ".toml": "application/toml",
    ".ttf": "font/ttf",
    ".weba": "audio/webm",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".wma": "audio/x-ms-wma",
    ".wmv": "video/x-ms-wmv",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".x3f": "image/x-sigma-x3f",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xltm": "application/vnd.ms-excel.template.macroEnabled.12",
    ".xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
    ".yaml": "application/yaml",
    ".yml": "application/yaml",
    ".zst": "application/zstd",
}.items():
    _EXTENSIONS.add_type(_type, _extension)
_EXTENSIONS.types_map[True].pop(".pot", None)  # PowerPoint's templates, and gettext's, which are texts

_COMPRESSED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}


def type_of_extension(name: str) -> str | None:
    """Return the media type of the file name's extension, or None."""
    guessed, encoding = _guess(name)
    return guessed if encoding is None else _COMPRESSED.get(encoding)


def compressed_content_type(name: str) -> str | None:
    """Return the media type of a compressed file's contents according to its name (`text/csv` for `a.csv.gz`), or
    None."""
    guessed, encoding = _guess(name)
    return None if encoding is None else guessed


def _guess(name: str) -> tuple[str | None, str | None]:
    guessed, encoding = _EXTENSIONS.guess_type(name.replace(":", "_"), strict=False)  # it accepts URLs, too
    return guessed and essence(guessed), encoding
