"""The tables by which a type mismatch is decided: which types mean the same, and which are known.

An entry that ends in `-`, `.` or `/` is a prefix of types, any other is a type.
"""

from chalicelib.core.media_types.names import EMPTY, OLE, UNKNOWN, ZIP

UNSPECIFIC = frozenset({UNKNOWN, EMPTY})
"""Types that say nothing about the content."""


def _each(names: str, prefix: str = "application/") -> tuple[str, ...]:
    """Return the names, separated by spaces in `names`, as types with this prefix."""
    return tuple(prefix + name for name in names.split())


TEXT_FORMATS = {
    "json": ("/json", "+json", "/x-ndjson"),
    "drawing": ("/svg+xml",),
    "page": ("/html", "/xhtml+xml"),
    "xml": ("/xml", "+xml", "-flat-xml"),
    "rtf": ("/rtf",),
    "table": ("/csv", "/tab-separated-values"),
}
"""Textual formats that can be distinguished, by the suffixes of their types; the first match counts."""

ALIKE_TEXT_FORMATS = {frozenset({"drawing", "xml"}), frozenset({"page", "xml"})}
"""Formats of which one may be taken for the other."""

TEXTUAL_SUFFIXES = tuple(suffix for suffixes in TEXT_FORMATS.values() for suffix in suffixes)

TEXT_TYPES = (
    *("text/", "message/", "multipart/"),
    *_each(
        "graphql mbox n-quads n-triples pgp-encrypted pgp-keys pgp-signature pkix-cert postscript sql toml trig"
    ),
    *_each("typescript xml-dtd yaml"),
    *_each("x-csh x-httpd-php x-latex x-pem-file x-perl x-php x-python x-ruby x-sh x-shellscript x-subrip x-tcl"),
    *_each("x-tex x-shar x-texinfo x-troff x-troff- x-wais-source x-x509-ca-cert vnd.apple.mpegurl"),
    *(*_each("stl step vrml", "model/"), *_each("vnd.dxf x-xbitmap x-xpixmap", "image/")),
)
"""Types of text in addition to TEXT_FORMATS."""

MEDIA_PREFIXES = ("image/", "audio/", "video/", "font/")
"""Types of files that are seldom text."""

TEXTUAL_MEDIA = (
    *("image/x-portable-", "audio/x-scpls", "video/vnd.mpegurl"),
    *("image/vnd.dvb.subtitle", "video/mp2t", "audio/x-mod"),  # browsers for .sub, TypeScript and go.mod
)
"""Types of images, audio and video that may be stored as text."""

ZIP_BASED = (
    *("openxmlformats", "opendocument", "+zip", "java-archive", "android.package-archive", "macroenabled"),
    *("vnd.google-earth.kmz", "/x-wheel", "vnd.apple.keynote", "vnd.apple.numbers", "vnd.apple.pages"),
    *("vnd.ms-visio.", "vnd.ms-xpsdocument", "vnd.sun.xml.", "/vsix", "/x-xpinstall", "/x-ios-app"),
    *("/x-krita", "/openraster", "/3mf", "indesign-idml-package", "chrome-extension"),
)
"""Parts of the types of documents and packages that are zips."""

OWN_FORMATS = (
    *_each("pdf gzip x-bzip2 x-xz x-lzma x-compress zstd x-7z-compressed vnd.rar x-tar"),
    *_each("x-cpio x-bcpio x-sv4cpio x-sv4crc"),
    *_each("msword vnd.ms-excel vnd.ms-powerpoint vnd.ms-outlook vnd.ms-cab-compressed vnd.visio x-ole-storage"),
    *_each("x-executable vnd.microsoft.portable-executable x-mach-binary x-ms-shortcut x-msi wasm java-vm"),
    *_each("x-python-code x-shockwave-flash vnd.ms-fontobject x-archive"),
    *_each("x-sqlite3 x-hdf x-dvi x-pkcs12 x-iso9660-image x-apple-diskimage vnd.debian. x-rpm x-redhat-"),
    *_each("avro dicom mxf onenote vnd.apache. vnd.las vnd.ms-access vnd.ms-htmlhelp vnd.rn-realmedia vnd.shp"),
    *_each("vnd.squashfs vnd.tcpdump.pcap vnd.wordperfect x-ace x-arj x-lha x-lz4 x-lzip x-lzop x-indesign"),
    *_each("x-mobipocket-ebook x-ms-pst x-ms-wim x-pcapng x-qemu-disk x-vhdx-disk x-vmdk-disk x-bittorrent"),
)
"""Known binary formats, so that neither a text nor a container can be one."""

CONTAINERS = frozenset(
    _each("zip java-archive gzip x-bzip2 x-xz zstd x-7z-compressed vnd.rar x-tar x-ole-storage x-sqlite3")
)
"""Containers in which applications store files of their own formats."""

ALWAYS_DETECTED = frozenset(
    {
        *("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"),
        *_each("zip gzip x-bzip2 x-xz zstd x-7z-compressed vnd.rar"),
    }
)
"""Formats that are always detected, so that bytes of unknown type are none of them."""

DETECTED_ZIPS = _each(
    "vnd.openxmlformats-officedocument. vnd.oasis.opendocument. epub+zip vnd.android.package-archive"
)
"""Zips that are always detected, so that a plain zip is none of them."""

_WORD, _EXCEL = "application/msword", "application/vnd.ms-excel"
_OOXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_OLE_DOCUMENTS = (
    _WORD,
    _EXCEL,
    *_each("vnd.ms-powerpoint vnd.ms-publisher vnd.ms-project vnd.ms-works vnd.visio"),
)
"""Old documents, which are distinguished by what is in their container."""

FAMILIES = (
    (
        *_each("mp4 3gpp 3gpp2 quicktime", "audio/"),
        *_each("mp4 3gpp 3gpp2 quicktime", "video/"),
    ),  # their brands say little
    _each("heic heic-sequence heif heif-sequence", "image/"),
    *(_each(raw, "image/") for raw in ("x-nikon-nef x-nikon-nrw", "x-sony-arw x-sony-sr2 x-sony-srf")),
    _each("x-kodak-dcr x-kodak-kdc x-kodak-k25", "image/"),
    _each("otf ttf collection", "font/"),
    _each("jp2 jpx jpm", "image/"),
    ("image/x-portable-",),
    _each("vnd.apple.keynote vnd.apple.numbers vnd.apple.pages"),
    ("application/vnd.ms-visio.",),
    *((f"{_OOXML}{kind}ml.",) for kind in ("wordprocessing", "spreadsheet", "presentation")),
    *((f"application/vnd.ms-{kind}.",) for kind in ("word", "excel", "powerpoint")),  # with macros
    _each("text text-template text-master text-web", _ODF),
    *(_each(f"{kind} {kind}-template", _ODF) for kind in ("spreadsheet", "presentation", "graphics")),
    *(_each(f"{kind} {kind}-template", _ODF) for kind in ("chart", "formula", "image")),
)
"""Interchangeable types, such as a document and its template."""

_CAMERA_RAW = (
    "x-adobe-dng x-canon-cr2 x-canon-cr3 x-canon-crw x-epson-erf x-fuji-raf x-hasselblad-3fr x-kodak-dcr"
    " x-kodak-kdc x-mamiya-mef x-minolta-mrw x-nikon-nef x-nikon-nrw x-olympus-orf x-panasonic-rw2 x-pentax-pef"
    " x-phaseone-iiq x-samsung-srw x-sigma-x3f x-sony-arw x-sony-sr2 x-sony-srf"
)

_ANY_RAW = _each("tiff x-dcraw x-raw", "image/")
"""What the raw file of any camera may be called."""

_TAR = ("application/x-tar",)

ACCEPTED_NAMES = {
    "text/plain": (_WORD, _EXCEL),
    "multipart/related": (_WORD, _EXCEL),  # both also save web archives, which are like mails
    "message/rfc822": (_WORD, _EXCEL),
    "text/csv": (_EXCEL,),  # declared by browsers on Windows where Excel is installed
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
    OLE: (_WORD, *_each("vnd.ms- vnd.visio x-msi"), _OOXML),
    **dict.fromkeys(_OLE_DOCUMENTS, (OLE, "application/wps-office.")),
    "application/x-msi": (OLE,),
    "application/vnd.ms-outlook": (OLE,),
    "application/x-ms-pst": ("application/vnd.ms-outlook",),
    "application/x-xpinstall": ("application/java-archive",),
    "application/java-archive": ("application/x-xpinstall",),
    "application/vnd.ms-visio.drawing": ("application/vnd.visio",),
    "application/vnd.ms-visio.stencil": ("application/vnd.visio",),
    "application/vnd.ms-visio.template": ("application/vnd.visio",),
    "application/x-bplist": ("application/x-plist",),
    "application/vnd.rn-realmedia": _each("x-pn-realaudio x-realaudio vnd.rn-realaudio", "audio/"),
    "application/geopackage+sqlite3": ("application/x-sqlite3",),
    "image/jls": ("image/jpeg",),
    "application/x-executable": _each("vnd.appimage x-iso9660-appimage"),
    "application/x-hdf": ("application/x-netcdf",),
    # Not the other way round: unexpected macros are worth a warning.
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
    **dict.fromkeys(_each(_CAMERA_RAW, "image/"), _ANY_RAW),
    "audio/webm": ("video/x-matroska", "audio/x-matroska"),
    "audio/x-ms-wma": ("video/x-ms-asf", "video/x-ms-wm", "video/x-ms-wmv"),
    "video/webm": ("video/x-matroska", "audio/x-matroska"),
    "video/x-ms-asf": ("video/x-ms-wm", "video/x-ms-wmv", "audio/x-ms-wma"),
}
"""Other types under which a detected type is accepted."""
