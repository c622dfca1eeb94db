"""The names of media types: what others call them, and which one a file's extension stands for."""

import mimetypes
import re

UNKNOWN = "application/octet-stream"

EMPTY = "application/x-empty"
"""What the `file` command calls a file of 0 bytes."""

ZIP = "application/zip"

_EXTENSIONS = mimetypes.MimeTypes(filenames=())
"""Python's own table only: the system's would make the answer differ between a laptop and Lambda."""

for _extension, _type in {
    ".7z": "application/x-7z-compressed",
    ".aac": "audio/aac",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".apk": "application/vnd.android.package-archive",
    ".apng": "image/apng",
    ".ass": "text/x-ssa",
    ".avif": "image/avif",
    ".crt": "application/x-x509-ca-cert",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".dotm": "application/vnd.ms-word.template.macroEnabled.12",
    ".dotx": "application/vnd.openxmlformats-officedocument.wordprocessingml.template",
    ".epub": "application/epub+zip",
    ".flac": "audio/flac",
    ".flv": "video/x-flv",
    ".geojson": "application/geo+json",
    ".graphql": "application/graphql",
    ".heic": "image/heic",
    ".heif": "image/heif",
    ".ics": "text/calendar",
    ".jar": "application/java-archive",
    ".jsonl": "application/x-ndjson",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".md": "text/markdown",
    ".mka": "audio/x-matroska",
    ".mkv": "video/x-matroska",
    ".ndjson": "application/x-ndjson",
    ".odg": "application/vnd.oasis.opendocument.graphics",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ogg": "audio/ogg",
    ".ogv": "video/ogg",
    ".opus": "audio/ogg",
    ".otf": "font/otf",
    ".otp": "application/vnd.oasis.opendocument.presentation-template",
    ".ots": "application/vnd.oasis.opendocument.spreadsheet-template",
    ".ott": "application/vnd.oasis.opendocument.text-template",
    ".pem": "application/x-pem-file",
    ".potm": "application/vnd.ms-powerpoint.template.macroEnabled.12",
    ".potx": "application/vnd.openxmlformats-officedocument.presentationml.template",
    ".ppsm": "application/vnd.ms-powerpoint.slideshow.macroEnabled.12",
    ".ppsx": "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".psd": "image/vnd.adobe.photoshop",
    ".rar": "application/vnd.rar",
    ".sql": "application/sql",
    ".toml": "application/toml",
    ".ttf": "font/ttf",
    ".weba": "audio/webm",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".wma": "audio/x-ms-wma",
    ".wmv": "video/x-ms-wmv",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
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

_OTHER_NAMES = {
    # S3's default, curl's, and what servers say to have a browser save a file
    UNKNOWN: "binary/octet-stream application/x-www-form-urlencoded application/x-binary application/x-download"
    " application/force-download application/unknown",
    "application/gzip": "application/x-gzip-compressed",
    "application/java-archive": "application/x-java-archive application/x-jar",
    "application/json": "text/json application/x-json text/x-json",
    "application/msword": "application/vnd.ms-word application/x-msword",
    "application/pdf": "image/pdf application/acrobat application/nappdf",
    "application/rtf": "text/rtf",
    "application/sql": "text/sql text/x-sql",
    "application/java-vm": "application/java application/x-java application/x-java-class",
    "application/vnd.microsoft.portable-executable": "application/x-msdownload application/x-msdos-program"
    " application/x-ms-dos-executable application/x-dosexec application/x-exe application/exe application/x-winexe"
    " application/x-msdos-windows",
    "application/vnd.ms-excel": "application/excel application/msexcel application/x-msexcel",
    "application/vnd.ms-powerpoint": "application/mspowerpoint application/powerpoint",
    "application/vnd.rar": "application/x-rar application/x-rar-compressed",
    "application/x-bzip2": "application/x-bzip application/bzip2",
    "application/x-executable": "application/x-elf application/x-pie-executable application/x-sharedlib"
    " application/x-object application/x-core",
    "application/x-hdf": "application/x-hdf5",
    "application/x-ndjson": "application/jsonl application/x-jsonlines application/jsonlines application/x-jsonl",
    "application/x-python-code": "application/x-python-bytecode application/x-bytecode.python",
    "application/x-shockwave-flash": "application/vnd.adobe.flash.movie",
    "application/x-sqlite3": "application/vnd.sqlite3",
    "application/x-tar": "application/x-gtar application/x-ustar",
    "application/x-xz": "",
    "application/xml": "text/xml",
    "application/yaml": "text/yaml text/x-yaml",
    ZIP: "application/x-zip-compressed multipart/x-zip",
    "application/zstd": "",
    "audio/aac": "audio/aacp audio/vnd.dlna.adts audio/x-hx-aac-adts",
    "audio/aiff": "audio/x-aifc audio/x-aiffc",
    "audio/amr": "audio/amr-encrypted",
    "audio/basic": "audio/x-au",
    "audio/flac": "",
    "audio/midi": "audio/mid",
    "audio/mp4": "audio/m4a audio/x-m4a audio/x-m4b audio/x-m4r",
    "audio/mpeg": "audio/mp3 audio/mpeg3 audio/mpg audio/mp2 audio/mpa",
    "audio/ogg": "application/ogg audio/opus audio/vorbis audio/x-vorbis+ogg audio/x-opus+ogg audio/x-flac+ogg"
    " audio/x-oggflac audio/x-speex+ogg",
    "audio/wav": "audio/wave audio/vnd.wave audio/x-pn-wav",
    "application/vnd.debian.binary-package": "application/x-debian-package application/x-deb",
    "application/x-archive": "application/x-unix-archive",
    "font/otf": "application/x-font-otf application/x-font-opentype application/vnd.ms-opentype",
    "font/ttf": "application/x-font-ttf application/x-font-truetype application/font-sfnt font/sfnt",
    "font/woff": "application/font-woff application/x-font-woff",
    "font/woff2": "application/font-woff2",
    "image/avif": "image/avif-sequence",
    "image/fits": "application/fits",
    "image/vnd.dwg": "image/x-dwg application/acad application/x-acad application/dwg",
    "image/x-cmu-raster": "image/x-sun-raster",
    "image/x-rgb": "image/x-sgi image/sgi",
    "image/bmp": "image/x-ms-bmp image/x-windows-bmp image/x-dib",
    "image/jp2": "image/jpeg2000 image/jpeg2000-image",
    "image/jpeg": "image/jpg image/pjpeg image/x-citrix-jpeg image/jfif",
    "image/png": "image/apng image/vnd.mozilla.apng image/x-citrix-png",
    "image/svg+xml": "image/svg image/svg-xml",
    "image/tiff": "image/tif",
    "image/vnd.adobe.photoshop": "image/psd image/photoshop application/photoshop application/psd",
    "image/x-icon": "image/vnd.microsoft.icon image/ico image/icon image/x-win-bitmap",
    "text/csv": "application/csv text/comma-separated-values",
    "text/javascript": "application/javascript application/ecmascript text/ecmascript",
    "text/markdown": "",
    "text/tab-separated-values": "text/tsv",
    "text/vcard": "text/directory",
    "video/3gpp": "video/3gp",
    "video/mp2t": "video/vnd.dlna.mpeg-tts",
    "video/mp4": "video/m4v video/mp4v-es",
    "video/mpeg": "video/mpg video/mpeg2 video/mpeg-system video/dvd",
    "video/ogg": "video/x-theora video/x-theora+ogg video/x-ogm video/x-ogm+ogg",
    "video/x-flv": "video/flv application/x-flash-video",
    "video/x-matroska": "application/x-matroska",
    "video/x-ms-asf": "application/vnd.ms-asf",
    "video/x-msvideo": "video/avi video/msvideo video/vnd.avi video/divx video/vnd.divx",
}
"""Usual names, and others that browsers, Windows, freedesktop.org's shared-mime-info and puremagic have for the
same. A name that only differs from these by its `x-` (RFC 6648) is known without an entry of its own."""

_USUAL = {name: usual for usual, others in _OTHER_NAMES.items() for name in (usual, *others.split())}

_PACKED = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}

_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}( *;[ -~]{0,200})?", re.ASCII)


def is_media_type(text: str) -> bool:
    """Tell whether the text is a media type (RFC 6838, 4.2), perhaps with parameters."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def essence(media_type: str) -> str:
    """Return the type without its parameters, in lower case and under its usual name."""
    bare = media_type.split(";", 1)[0].strip().lower()
    return _USUAL.get(bare) or _USUAL.get(bare.replace("/x-", "/"), bare)


def of_extension(name: str) -> str | None:
    """Return the type that the name's extension stands for, or None."""
    guessed, encoding = _guess(name)
    return guessed if encoding is None else _PACKED.get(encoding)


def of_packed(name: str) -> str | None:
    """Return the type that the name promises inside of a compressed file (`text/csv` for `a.csv.gz`), or None."""
    guessed, encoding = _guess(name)
    return None if encoding is None else guessed


def _guess(name: str) -> tuple[str | None, str | None]:
    guessed, encoding = _EXTENSIONS.guess_type(name.replace(":", "_"), strict=False)  # it takes URLs, too
    return guessed and essence(guessed), encoding
