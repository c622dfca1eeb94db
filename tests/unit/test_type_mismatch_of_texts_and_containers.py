"""Which types a text or an archive may be declared as, including types of unknown applications."""

import pytest

from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import conflicts

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCM = "application/vnd.ms-word.document.macroEnabled.12"
ODT = "application/vnd.oasis.opendocument.text"

TEXTS = [
    *(
        "message/rfc822",
        "multipart/related",
        "text/calendar",
        "text/vcard",
        "text/x-vcard",
        "text/x-python-script",
    ),
    *("text/javascript", "application/x-javascript", "application/ecmascript", "application/typescript"),
    *("application/x-subrip", "application/x-sql", "application/graphql", "application/toml", "application/yaml"),
    *("application/x-pem-file", "application/x-x509-ca-cert", "application/pkix-cert"),
    *("application/pgp-keys", "application/pgp-signature"),
    *("application/vnd.apple.mpegurl", "application/x-mpegurl"),
    *("application/x-sh", "application/x-csh", "application/x-shellscript", "application/x-tcl"),
    *("application/x-perl", "application/x-php", "application/x-httpd-php", "application/x-python"),
    *("application/x-ruby", "application/x-tex", "application/x-latex", "application/x-texinfo"),
    *("application/x-troff", "application/x-troff-man", "application/x-shar", "application/x-wais-source"),
    *("application/n-quads", "application/n-triples", "application/trig"),
    *("application/mbox", "application/pgp-encrypted", "application/xml-dtd", "model/step", "model/stl"),
]

TEXTUAL_MEDIA = [
    *("audio/x-mpegurl", "audio/mpegurl", "audio/x-scpls", "video/vnd.mpegurl", "audio/x-mod"),
    *("video/mp2t", "video/vnd.dlna.mpeg-tts", "image/vnd.dvb.subtitle"),
    *("image/x-xbitmap", "image/x-xpixmap", "image/x-portable-pixmap", "image/x-eps", "image/vnd.dxf"),
]

UNKNOWN_HERE = ["application/vnd.dart", "application/x-unheard-of", "model/iges", "chemical/x-pdb"]

MAYBE_TEXTS = [*TEXTS, "application/postscript", *TEXTUAL_MEDIA, *UNKNOWN_HERE]


@pytest.mark.parametrize("claimed", MAYBE_TEXTS)
@pytest.mark.parametrize(
    "detected", ["text/plain", "text/csv", "text/html", "application/xml", "application/json"]
)
def test_textual_type_may_be_any_text(claimed: str, detected: str) -> None:
    assert not conflicts(claimed, detected)


@pytest.mark.parametrize("claimed", MAYBE_TEXTS)
@pytest.mark.parametrize("detected", ["image/png", "audio/mpeg", "application/x-executable"])
def test_textual_type_conflicts_with_binary_formats(claimed: str, detected: str) -> None:
    assert conflicts(claimed, detected)


FORMATS = [
    "application/json",
    "application/geo+json",
    "application/x-ndjson",
    "application/xml",
    "application/rtf",
]
FORMATS += ["application/rss+xml", "application/xhtml+xml", "text/html", "text/csv", f"{ODT}-flat-xml"]

CONTAINERS = [
    *(
        "application/zip",
        "application/java-archive",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
    ),
    *("application/zstd", "application/x-7z-compressed", "application/vnd.rar", "application/x-tar"),
    *("application/x-ole-storage", "application/x-sqlite3"),
]


@pytest.mark.parametrize("detected", CONTAINERS)
def test_unknown_application_type_may_be_any_container(detected: str) -> None:
    for claimed in UNKNOWN_HERE:
        assert not conflicts(claimed, detected)
    others = ("application/postscript", "image/gif", "audio/flac", "video/x-msvideo", "font/woff")
    for claimed in (*TEXTS, *TEXTUAL_MEDIA, *FORMATS, *others):
        assert conflicts(claimed, detected), claimed


OWN_FORMATS = [
    *CONTAINERS,
    *("application/pdf", "application/x-lzma", "application/x-compress", "application/vnd.ms-cab-compressed"),
    *("application/x-cpio", "application/x-bcpio", "application/x-sv4cpio", "application/x-sv4crc"),
    *("application/x-executable", "application/x-msdownload", "application/wasm", "application/java-vm"),
    *("application/x-python-code", "application/x-shockwave-flash", "application/vnd.ms-fontobject"),
    *("application/x-hdf", "application/x-dvi", "application/x-pkcs12", "application/x-iso9660-image"),
    *("application/x-apple-diskimage", "application/vnd.debian.binary-package", "application/x-rpm"),
    *("application/x-redhat-package-manager", "application/vnd.comicbook+zip", "application/epub+zip"),
    *("application/vnd.google-earth.kmz", "application/x-wheel"),
    *("application/vnd.android.package-archive", DOCX, DOCM, ODT, "application/x-msi"),
    *("application/vnd.ms-outlook", "application/vnd.visio"),
]


@pytest.mark.parametrize("claimed", [*OWN_FORMATS, "image/jpeg", "audio/flac", "video/webm", "font/woff2"])
def test_known_binary_format_conflicts_with_text(claimed: str) -> None:
    assert conflicts(claimed, "text/plain")
    assert conflicts(claimed, "text/html")


@pytest.mark.parametrize("claimed", OWN_FORMATS)
def test_known_binary_format_conflicts_with_other_containers(claimed: str) -> None:
    assert all(
        conflicts(claimed, other) for other in ("application/vnd.rar", "application/x-tar") if other != claimed
    )


@pytest.mark.parametrize(
    "extension", ["eml", "mht", "mhtml", "js", "srt", "crt", "pem", "sql", "m3u8", "ics", "vcf"]
)
def test_textual_extension_may_be_text_and_nothing_else(extension: str) -> None:
    claimed = type_of_extension(f"a.{extension}")
    assert claimed is not None
    assert not conflicts(claimed, "text/plain")
    assert conflicts(claimed, "image/png")
    assert conflicts(claimed, "application/zip")
