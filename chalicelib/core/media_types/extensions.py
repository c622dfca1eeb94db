"""The media types that file extensions stand for."""

import mimetypes
from functools import lru_cache

from chalicelib.core.media_types.names import essence

mimetypes.knownfiles.clear()  # the first MimeTypes reads the system's tables, although it doesn't use them
_EXTENSIONS = mimetypes.MimeTypes(filenames=())
"""Python's own table only: the system's would make the result differ between a laptop and Lambda."""

for _extension, _type in {
    ".3fr": "image/x-hasselblad-3fr",
    ".3ga": "audio/3gpp",
    ".3mf": "model/3mf",
    ".7z": "application/x-7z-compressed",
    ".aac": "audio/aac",
    ".ac3": "audio/ac3",
    ".accdb": "application/vnd.ms-access",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".amr": "audio/amr",
    ".ape": "audio/x-ape",
    ".apk": "application/vnd.android.package-archive",
    ".apng": "image/apng",
    ".arrow": "application/vnd.apache.arrow.file",
    ".arw": "image/x-sony-arw",
    ".asf": "video/x-ms-asf",
    ".ass": "text/x-ssa",
    ".avif": "image/avif",
    ".avro": "application/avro",
    ".awb": "audio/amr-wb",
    ".bpg": "image/bpg",
    ".caf": "audio/x-caf",
    ".chm": "application/vnd.ms-htmlhelp",
    ".cr2": "image/x-canon-cr2",
    ".cr3": "image/x-canon-cr3",
    ".crt": "application/x-x509-ca-cert",
    ".crw": "image/x-canon-crw",
    ".crx": "application/x-chrome-extension",
    ".dcm": "application/dicom",
    ".dcr": "image/x-kodak-dcr",
    ".deb": "application/vnd.debian.binary-package",
    ".diff": "text/x-diff",
    ".djvu": "image/vnd.djvu",
    ".dmg": "application/x-apple-diskimage",
    ".dng": "image/x-adobe-dng",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".dotm": "application/vnd.ms-word.template.macroEnabled.12",
    ".dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    ".dsf": "audio/x-dsf",
    ".dwg": "image/vnd.dwg",
    ".dxf": "image/vnd.dxf",
    ".eac3": "audio/eac3",
    ".eot": "application/vnd.ms-fontobject",
    ".epub": "application/epub+zip",
    ".erf": "image/x-epson-erf",
    ".exr": "image/x-exr",
    ".f4a": "audio/mp4",
    ".f4v": "video/mp4",
    ".flac": "audio/flac",
    ".flv": "video/x-flv",
    ".geojson": "application/geo+json",
    ".glb": "model/gltf-binary",
    ".gltf": "model/gltf+json",
    ".gpkg": "application/geopackage+sqlite3",
    ".gpr": "image/x-adobe-dng",
    ".gpx": "application/gpx+xml",
    ".graphql": "application/graphql",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".icns": "image/x-icns",
    ".ics": "text/calendar",
    ".iiq": "image/x-phaseone-iiq",
    ".indd": "application/x-indesign",
    ".iso": "application/x-iso9660-image",
    ".jar": "application/java-archive",
    ".jp2": "image/jp2",
    ".jsonl": "application/x-ndjson",
    ".jxl": "image/jxl",
    ".jxr": "image/jxr",
    ".kdc": "image/x-kodak-kdc",
    ".kml": "application/vnd.google-earth.kml+xml",
    ".kmz": "application/vnd.google-earth.kmz",
    ".ktx": "image/ktx",
    ".ktx2": "image/ktx2",
    ".lz4": "application/x-lz4",
    ".m2ts": "video/mp2t",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".m4p": "audio/mp4",
    ".m4r": "audio/mp4",
    ".m4v": "video/mp4",
    ".mbox": "application/mbox",
    ".md": "text/markdown",
    ".mdb": "application/vnd.ms-access",
    ".mef": "image/x-mamiya-mef",
    ".mka": "audio/x-matroska",
    ".mkv": "video/x-matroska",
    ".mobi": "application/x-mobipocket-ebook",
    ".mpc": "audio/x-musepack",
    ".mrw": "image/x-minolta-mrw",
    ".msg": "application/vnd.ms-outlook",
    ".msi": "application/x-msi",
    ".mts": "video/mp2t",
    ".mxf": "application/mxf",
    ".ndjson": "application/x-ndjson",
    ".nef": "image/x-nikon-nef",
    ".nrw": "image/x-nikon-nrw",
    ".numbers": "application/vnd.apple.numbers",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".orf": "image/x-olympus-orf",
    ".otf": "font/otf",
    ".otp": "application/vnd.oasis.opendocument.presentation-template",
    ".ots": "application/vnd.oasis.opendocument.spreadsheet-template",
    ".ott": "application/vnd.oasis.opendocument.text-template",
    ".pages": "application/vnd.apple.pages",
    ".parquet": "application/vnd.apache.parquet",
    ".patch": "text/x-diff",
    ".pcap": "application/vnd.tcpdump.pcap",
    ".pcapng": "application/x-pcapng",
    ".pef": "image/x-pentax-pef",
    ".pem": "application/x-pem-file",
    ".po": "text/x-gettext-translation",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".psd": "image/vnd.adobe.photoshop",
    ".pst": "application/x-ms-pst",
    ".qoi": "image/qoi",
    ".raf": "image/x-fuji-raf",
    ".rar": "application/vnd.rar",
    ".reg": "text/x-ms-regedit",
    ".rpm": "application/x-rpm",
    ".rw2": "image/x-panasonic-rw2",
    ".rwl": "image/x-panasonic-rw2",
    ".shp": "application/vnd.shp",
    ".spx": "audio/ogg",
    ".sql": "application/sql",
    ".sqlite": "application/x-sqlite3",
    ".sr2": "image/x-sony-sr2",
    ".srf": "image/x-sony-srf",
    ".srw": "image/x-samsung-srw",
    ".tga": "image/x-tga",
    ".toml": "application/toml",
    ".torrent": "application/x-bittorrent",
    ".tta": "audio/x-tta",
    ".ttc": "font/collection",
    ".ttf": "font/ttf",
    ".usdz": "model/vnd.usdz+zip",
    ".vsd": "application/vnd.visio",
    ".vsdm": "application/vnd.ms-visio.drawing.macroEnabled.12",
    ".vsdx": "application/vnd.ms-visio.drawing",
    ".vssx": "application/vnd.ms-visio.stencil",
    ".vstx": "application/vnd.ms-visio.template",
    ".w64": "audio/vnd.wave64",
    ".wasm": "application/wasm",
    ".weba": "audio/webm",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".wma": "audio/x-ms-wma",
    ".wmv": "video/x-ms-wmv",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".wv": "audio/x-wavpack",
    ".x3f": "image/x-sigma-x3f",
    ".xcf": "image/x-xcf",
    ".xlsb": "application/vnd.ms-excel.sheet.binary.macroEnabled.12",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xltm": "application/vnd.ms-excel.template.macroEnabled.12",
    ".xltx": "application/vnd.openxmlformats-officedocument.spreadsheetml.template",
    ".xpi": "application/x-xpinstall",
    ".xps": "application/vnd.ms-xpsdocument",
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
    """Return the type of the contents and the encoding of compressed ones, which the last two extensions say."""
    stem, *extensions = name.rsplit(".", 2)
    has_stem = stem.strip(".") and "/" not in name  # the name of a hidden file is no extension
    return _guess_from_extensions(".".join(["a" if has_stem else stem, *extensions]))


@lru_cache(maxsize=1024)  # a list of files repeats the same few
def _guess_from_extensions(name: str) -> tuple[str | None, str | None]:
    guessed, encoding = _EXTENSIONS.guess_type(name.replace(":", "_"), strict=False)  # it accepts URLs, too
    return guessed and essence(guessed), encoding
