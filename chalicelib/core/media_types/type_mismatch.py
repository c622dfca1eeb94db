"""Whether the content of a file shows that its declared type, or its extension's, is wrong.

In the tables, what ends in `-`, `.` or `/` is the beginning of types, all else is a type.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from chalicelib.core.media_types.extensions import of_extension, of_packed
from chalicelib.core.media_types.names import EMPTY, UNKNOWN, ZIP, essence

_NO_CLAIM = frozenset({UNKNOWN, EMPTY})


def _each(names: str, prefix: str = "application/") -> tuple[str, ...]:
    return tuple(prefix + name for name in names.split())


_FORMATS = {
    "json": ("/json", "+json", "/x-ndjson"),
    "drawing": ("/svg+xml",),
    "page": ("/html", "/xhtml+xml"),
    "xml": ("/xml", "+xml", "-flat-xml"),
    "rtf": ("/rtf",),
    "table": ("/csv", "/tab-separated-values"),
}
"""Textual formats that can be told from each other, by the endings of their types; the first that fits."""

_ALIKE = {frozenset({"drawing", "xml"}), frozenset({"page", "xml"})}

_TEXTUAL_ENDINGS = tuple(ending for endings in _FORMATS.values() for ending in endings)

_TEXTS = (
    *("text/", "message/", "multipart/"),
    *_each("graphql n-quads n-triples pgp-keys pgp-signature pkix-cert postscript sql toml trig typescript yaml"),
    *_each("x-csh x-httpd-php x-latex x-pem-file x-perl x-php x-python x-ruby x-sh x-shellscript x-subrip x-tcl"),
    *_each("x-tex x-shar x-texinfo x-troff x-troff- x-wais-source x-x509-ca-cert vnd.apple.mpegurl x-mpegurl"),
)
"""What is nothing but text, as far as its type isn't one of _FORMATS."""

_MEDIA = ("image/", "audio/", "video/", "font/")

_TEXTUAL_MEDIA = (
    *_each("x-xbitmap x-xpixmap x-portable- x-eps vnd.dxf", "image/"),
    *("audio/mpegurl", "audio/x-mpegurl", "audio/x-scpls", "video/vnd.mpegurl"),
    *("image/vnd.dvb.subtitle", "video/mp2t", "audio/x-mod"),  # browsers for .sub, TypeScript and go.mod
)
"""Pictures, sound and film that may be written as text."""

_ZIP_BASED = (
    *("openxmlformats", "opendocument", "+zip", "java-archive", "android.package-archive", "macroenabled"),
    *("vnd.google-earth.kmz", "/x-wheel"),
)
"""What the types of documents contain that are zips, and of packages."""

_OWN_FORMATS = (
    *_each("pdf gzip x-bzip2 x-xz x-lzma x-compress zstd x-7z-compressed vnd.rar x-tar"),
    *_each("x-cpio x-bcpio x-sv4cpio x-sv4crc"),
    *_each("msword vnd.ms-excel vnd.ms-powerpoint vnd.ms-outlook vnd.ms-cab-compressed vnd.visio x-ole-storage"),
    *_each("x-executable vnd.microsoft.portable-executable x-mach-binary x-ms-shortcut x-msi wasm java-vm"),
    *_each("x-python-code x-shockwave-flash vnd.ms-fontobject x-archive"),
    *_each("x-sqlite3 x-hdf x-dvi x-pkcs12 x-iso9660-image x-apple-diskimage vnd.debian. x-rpm x-redhat-"),
)
"""Binary formats of applications that are known, so that neither a text nor a container can be one."""

_CONTAINERS = frozenset(
    _each("zip java-archive gzip x-bzip2 x-xz zstd x-7z-compressed vnd.rar x-tar x-ole-storage x-sqlite3")
)
"""What applications keep files of their own formats in."""

_SIGNED = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"),
        *_each("zip gzip x-bzip2 x-xz zstd x-7z-compressed vnd.rar"),
    }
)
"""Formats that are always recognised, so that bytes in which nothing is recognised are none of them."""

_RECOGNISED = _each(
    "vnd.openxmlformats-officedocument. vnd.oasis.opendocument. epub+zip vnd.android.package-archive"
)
"""Zips that are always recognised, so that a zip in which nothing more is recognised is none of them."""

_WORD, _EXCEL = "application/msword", "application/vnd.ms-excel"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_FAMILIES = (
    (*_each("mp4 3gpp 3gpp2", "audio/"), *_each("mp4 3gpp 3gpp2 quicktime", "video/")),  # their brands say little
    _each("heic heic-sequence heif heif-sequence", "image/"),
    _each("otf ttf collection", "font/"),
    *((f"{_OOXML}{kind}ml.",) for kind in ("wordprocessing", "spreadsheet", "presentation")),
    *((f"application/vnd.ms-{kind}.",) for kind in ("word", "excel", "powerpoint")),  # with macros
    _each("text text-template text-master text-web", _ODF),
    *(_each(f"{kind} {kind}-template", _ODF) for kind in ("spreadsheet", "presentation", "graphics")),
    *(_each(f"{kind} {kind}-template", _ODF) for kind in ("chart", "formula", "image")),
)
"""Types that may be taken for each other, such as a document and its template."""

_TAR = ("application/x-tar",)

_ALSO_CALLED = {
    "text/plain": (_WORD, _EXCEL),  # both also save web archives, which are mails
    "text/csv": (_EXCEL,),  # what browsers on Windows declare, if Excel is there to open it
    "text/tab-separated-values": (_EXCEL,),
    "text/html": (_WORD, _EXCEL),
    "application/xhtml+xml": (_WORD, _EXCEL),
    "application/xml": (_WORD, _EXCEL),
    "application/rtf": (_WORD,),
    "application/pdf": _each("postscript illustrator vnd.adobe.illustrator"),
    "application/gzip": (*_TAR, "image/svg+xml", "image/svg+xml-compressed"),
    "application/x-bzip2": _TAR,
    "application/x-xz": _TAR,
    "application/zstd": _TAR,
    ZIP: ("image/openraster", "application/vnd.visio"),
    "image/png": ("image/x-icon",),
    "application/vnd.android.package-archive": ("application/java-archive",),
    # OOXML with a password is packed in it: MS-OFFCRYPTO, 2.3.4
    "application/x-ole-storage": (_WORD, *_each("vnd.ms- vnd.visio x-msi"), _OOXML),
    "application/x-executable": _each("vnd.appimage x-iso9660-appimage"),
    "application/x-hdf": ("application/x-netcdf",),
    # Not the other way round: macros that nobody expects are worth a word.
    f"{_OOXML}wordprocessingml.document": ("application/vnd.ms-word.",),
    f"{_OOXML}wordprocessingml.template": ("application/vnd.ms-word.",),
    f"{_OOXML}spreadsheetml.sheet": ("application/vnd.ms-excel.",),
    f"{_OOXML}spreadsheetml.template": ("application/vnd.ms-excel.",),
    f"{_OOXML}presentationml.presentation": ("application/vnd.ms-powerpoint.",),
    f"{_OOXML}presentationml.slideshow": ("application/vnd.ms-powerpoint.",),
    f"{_OOXML}presentationml.template": ("application/vnd.ms-powerpoint.",),
    "image/heif": ("image/avif",),
    "image/tiff": (  # cameras' raw formats
        *_each("dng x-adobe-dng x-dcraw x-raw x-canon- x-nikon- x-sony- x-pentax- x-kodak- x-epson-", "image/"),
    ),
    "video/mp2t": ("video/mpeg",),
    "video/webm": ("video/x-matroska", "audio/x-matroska"),
    "video/x-ms-asf": ("video/x-ms-wm", "video/x-ms-wmv", "audio/x-ms-wma"),
}
"""What is detected, and what it may be called with as much right."""


def is_mismatch(
    name: str, declared: str | None, detected: str | None, *, result: Mapping[str, Any] | None = None
) -> bool:
    """Tell whether the content contradicts the declared type or the one that the name's extension stands for.

    A compressed file may be declared as what is in it: urllib3 and the AWS CLI say `text/csv` of `a.csv.gz`, which
    is what Python's `mimetypes` calls it.
    """
    looked_inside = "directory_too_large" not in (result or {}).get("archive", {})
    if contradict(of_extension(name), detected, looked_inside):
        return True
    is_of_packed = declared is not None and essence(declared) == of_packed(name)
    return not is_of_packed and contradict(declared, detected, looked_inside)


@lru_cache(maxsize=1024)  # a list of files asks for the same few again and again
def contradict(claimed: str | None, detected: str | None, looked_inside: bool = True) -> bool:
    """Tell whether the content shows that the claim is wrong, granting what a person would grant.

    Any text may be called `text/plain`, and what was taken for plain text or a table may be any text; but JSON is
    no CSV, and a page no drawing. A text or an archive may be the file of an application that isn't known here. A
    document that is a zip inside may be called one; sound in a container may be called a video. Nothing
    contradicts a claim of "some bytes", and such a finding contradicts only formats that are always recognised. A
    zip is none of those that are recognised by what is in it, if somebody has looked inside.
    """
    if claimed is None or detected is None:
        return False
    claimed, detected = essence(claimed), essence(detected)
    if detected == UNKNOWN:
        return claimed in _SIGNED or _is_one_of(claimed, _RECOGNISED)
    if not _NO_CLAIM.isdisjoint({claimed, detected}) or _are_granted(claimed, detected):
        return False
    if detected == ZIP and _is_zip(claimed):
        return looked_inside and _is_one_of(claimed, _RECOGNISED)
    if _is_text(detected):
        return not _may_be_text(claimed) or _another_format(claimed, detected)
    unknown_here = not (_is_text(claimed) or claimed.startswith(_MEDIA) or _has_its_own_format(claimed))
    return not (unknown_here and detected in _CONTAINERS)


def _are_granted(claimed: str, detected: str) -> bool:
    return (
        claimed.replace("/x-", "/") == detected.replace("/x-", "/")
        or _is_one_of(claimed, _ALSO_CALLED.get(detected, ()))
        or any(_is_one_of(claimed, family) and _is_one_of(detected, family) for family in _FAMILIES)
        or _of_one_container(claimed, detected)
        or (claimed == ZIP and _is_zip(detected))
    )


def _is_one_of(media_type: str, names: Iterable[str]) -> bool:
    return any(media_type == name or (name[-1] in "-./" and media_type.startswith(name)) for name in names)


def _of_one_container(claimed: str, detected: str) -> bool:
    sorts, names = zip(claimed.split("/", 1), detected.split("/", 1), strict=True)
    return set(sorts) == {"audio", "video"} and names[0] == names[1]


def _is_zip(media_type: str) -> bool:
    return media_type == ZIP or (not _is_text(media_type) and any(mark in media_type for mark in _ZIP_BASED))


def _has_its_own_format(media_type: str) -> bool:
    return _is_one_of(media_type, _OWN_FORMATS) or _is_zip(media_type)


def _is_text(media_type: str) -> bool:
    return media_type.endswith(_TEXTUAL_ENDINGS) or _is_one_of(media_type, _TEXTS)


def _may_be_text(media_type: str) -> bool:
    if _is_text(media_type) or _is_one_of(media_type, _TEXTUAL_MEDIA):
        return True
    return not (media_type.startswith(_MEDIA) or _has_its_own_format(media_type))


def _another_format(claimed: str, detected: str) -> bool:
    formats = _text_format(claimed), _text_format(detected)
    # Whether a text is a table is a guess.
    return None not in formats and len(set(formats)) > 1 and formats[1] != "table" and set(formats) not in _ALIKE


def _text_format(media_type: str) -> str | None:
    return next((name for name, endings in _FORMATS.items() if media_type.endswith(endings)), None)
