"""What contradicts what."""

import pytest

from chalicelib.core.contradictions import contradict
from chalicelib.core.media_types import of_extension

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
DOCX, XLSX, PPTX = (
    f"{OOXML}wordprocessingml.document",
    f"{OOXML}spreadsheetml.sheet",
    f"{OOXML}presentationml.presentation",
)
DOCM, XLSM = "application/vnd.ms-word.document.macroEnabled.12", "application/vnd.ms-excel.sheet.macroEnabled.12"
OLE = "application/x-ole-storage"


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [
        ("image/png", "image/png"),
        ("IMAGE/PNG; charset=x", "image/png"),
        ("image/jpg", "image/jpeg"),
        ("text/csv", "text/plain"),
        ("text/plain;charset=UTF-8", "text/html"),
        ("application/json", "text/plain"),
        ("image/svg+xml", "application/xml"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "application/zip"),
        ("application/x-zip-compressed", "application/zip"),
        ("application/octet-stream", "image/png"),
        ("binary/octet-stream", "image/png"),
        ("image/png", "application/octet-stream"),
        ("image/png", "application/x-empty"),
        (None, "image/png"),
        ("image/png", None),
        ("audio/x-wav", "audio/wave"),
        ("application/vnd.ms-excel", "text/csv"),
        ("application/x-csh", "text/plain"),
        ("text/markdown", "text/html"),
        ("text/x-python", "text/csv"),
        ("application/geo+json", "application/json"),
        ("application/x-ndjson", "application/json"),
        ("text/html", "application/xhtml+xml"),
        ("application/zip", "application/vnd.oasis.opendocument.text"),
        ("application/zip", "application/java-archive"),
        ("audio/mp4", "video/mp4"),
        ("audio/x-matroska", "video/x-matroska"),
        ("audio/ogg", "video/ogg"),
        ("video/mp4", "video/3gpp"),
        ("application/msword", "application/x-ole-storage"),
        ("image/heif", "image/heic"),
        ("image/x-nikon-nef", "image/tiff"),
        ("audio/mp3", "audio/mpeg"),
        ("video/avi", "video/x-msvideo"),
        ("application/x-tgz", "application/gzip"),
    ],
)
def test_what_a_person_would_grant(claimed: str | None, detected: str | None) -> None:
    assert not contradict(claimed, detected)


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [
        ("image/png", "image/jpeg"),
        ("image/png", "text/html"),
        ("image/png", "text/csv"),
        ("application/pdf", "application/zip"),
        ("application/pdf", "text/plain"),
        ("text/csv", "application/json"),
        ("text/csv", "text/html"),
        ("image/svg+xml", "text/html"),
        ("text/csv", "application/zip"),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-word.document.macroEnabled.12",
        ),
        ("video/mp4", "audio/mpeg"),
        ("application/msword", "application/zip"),
        ("text/plain", "application/x-executable"),
    ],
)
def test_what_is_a_mismatch(claimed: str, detected: str) -> None:
    assert contradict(claimed, detected)


@pytest.mark.parametrize(
    "detected", ["text/plain", "text/csv", "text/html", "application/xml", "application/json"]
)
@pytest.mark.parametrize(
    "claimed",
    [
        *("message/rfc822", "multipart/related", "text/calendar", "text/vcard", "text/x-vcard"),
        *("text/javascript", "application/x-javascript", "application/ecmascript", "text/x-python-script"),
        *("application/x-subrip", "application/x-pem-file", "application/x-x509-ca-cert", "application/pgp-keys"),
        *("application/pgp-signature", "application/x-sql", "application/graphql", "application/x-shellscript"),
        *("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/x-mpegurl", "audio/mpegurl"),
        *("application/postscript", "image/x-xpixmap", "image/vnd.dxf", "video/mp2t", "video/vnd.dlna.mpeg-tts"),
        *("application/vnd.dart", "application/x-unheard-of", "model/step", "chemical/x-pdb"),
    ],
)
def test_any_text_may_be_called_so_and_nothing_else(claimed: str, detected: str) -> None:
    assert not contradict(claimed, detected)
    for other in ("image/png", "audio/mpeg", "application/x-executable"):
        assert contradict(claimed, other)


@pytest.mark.parametrize(
    "extension", ["eml", "mht", "mhtml", "js", "srt", "crt", "pem", "sql", "m3u8", "ics", "vcf"]
)
def test_extensions_of_texts(extension: str) -> None:
    claimed = of_extension(f"a.{extension}")
    assert claimed is not None
    assert not contradict(claimed, "text/plain")
    assert contradict(claimed, "image/png")
    assert contradict(claimed, "application/zip")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("video/mp4", "video/quicktime"),
        ("video/mp4", "audio/mp4"),
        ("video/mp4", "video/3gpp2"),
        ("video/x-m4v", "video/quicktime"),
        ("audio/3gpp", "video/mp4"),
        ("audio/webm", "video/webm"),
        ("audio/x-matroska", "video/x-matroska"),
        ("image/apng", "image/png"),
        ("image/tif", "image/tiff"),
        ("image/x-tiff", "image/tiff"),
        ("image/heic", "image/heic-sequence"),
        ("image/heif-sequence", "image/heic"),
        ("image/psd", "image/vnd.adobe.photoshop"),
        ("application/x-photoshop", "image/vnd.adobe.photoshop"),
        ("application/x-zip", "application/zip"),
        ("application/x-gtar", "application/x-tar"),
        ("application/x-font-ttf", "font/ttf"),
        ("audio/x-vorbis+ogg", "audio/ogg"),
        ("audio/vnd.dlna.adts", "audio/aac"),
        ("audio/x-mp3", "audio/mpeg"),
        ("image/x-pict", "image/pict"),
        (f"{ODF}text-template", f"{ODF}text"),
        (f"{ODF}spreadsheet-template", f"{ODF}spreadsheet"),
        (f"{ODF}presentation-template", f"{ODF}presentation"),
        (f"{OOXML}wordprocessingml.template", DOCX),
        (f"{OOXML}spreadsheetml.template", XLSX),
        (f"{OOXML}presentationml.template", PPTX),
        (f"{OOXML}presentationml.slideshow", PPTX),
        ("application/vnd.ms-word.template.macroEnabled.12", DOCM),
    ],
)
def test_what_may_be_taken_for_each_other(one: str, other: str) -> None:
    assert not contradict(one, other)
    assert not contradict(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("video/mp4", "video/x-matroska"),
        ("video/quicktime", "video/x-msvideo"),
        ("audio/mp4", "audio/mpeg"),
        ("audio/webm", "audio/ogg"),
        ("image/png", "image/gif"),
        ("image/tiff", "image/jpeg"),
        ("image/heic", "image/jpeg"),
        ("image/heic-sequence", "image/avif"),
        ("image/vnd.adobe.photoshop", "image/tiff"),
        ("application/zip", "application/gzip"),
        ("application/x-tar", "application/zip"),
        ("font/ttf", "font/woff"),
        (f"{ODF}text-template", f"{ODF}spreadsheet"),
        (f"{ODF}presentation-template", f"{ODF}text"),
        (f"{OOXML}wordprocessingml.template", XLSX),
        (f"{OOXML}presentationml.slideshow", DOCX),
        (DOCX, XLSX),
        (DOCX, f"{ODF}text"),
        (DOCM, XLSM),
        ("application/epub+zip", DOCX),
    ],
)
def test_what_may_not(one: str, other: str) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(
    ("detected", "granted", "contradicted"),
    [
        ("application/gzip", "application/x-tar", "application/zip"),
        ("application/gzip", "application/x-gtar", "application/x-bzip2"),
        ("application/gzip", "application/x-compressed-tar", "text/plain"),
        ("application/gzip", "image/svg+xml", "image/png"),
        ("application/x-tar", "application/x-gtar", "application/gzip"),
        ("application/x-xz", "application/x-tar", "application/gzip"),
        ("application/rtf", "application/msword", "application/vnd.ms-excel"),
        ("text/html", "application/msword", DOCX),
        ("application/xml", "application/msword", "application/vnd.ms-powerpoint"),
        ("text/html", "application/vnd.ms-excel", XLSX),
        ("application/xml", "application/vnd.ms-excel", XLSM),
        ("text/tab-separated-values", "application/vnd.ms-excel", XLSX),
        ("application/json", "application/geo+json", "application/vnd.ms-excel"),
        ("application/xml", f"{ODF}text-flat-xml", f"{ODF}text"),
        ("application/pdf", "application/postscript", "image/svg+xml"),
        ("application/pdf", "application/illustrator", "application/msword"),
        ("application/pdf", "application/x-pdf", "application/x-unheard-of"),
        (DOCX, DOCM, XLSM),
        (XLSX, XLSM, "application/vnd.ms-excel"),
        (DOCM, "application/zip", DOCX),  # macros that nobody expects
        (OLE, "application/vnd.ms-outlook", "application/pdf"),
        (OLE, DOCX, f"{ODF}text"),  # it has a password
        ("application/zip", "application/x-unheard-of", "application/json"),
        ("application/zip", "application/vnd.apple.pages", "application/msword"),
        ("application/zip", "model/3mf", "image/x-xbitmap"),
        ("application/zip", "image/openraster", "message/rfc822"),
        ("application/java-archive", "application/x-xpinstall", "application/x-msi"),
        ("application/vnd.rar", "application/vnd.comicbook-rar", "application/zip"),
        ("video/webm", "video/x-matroska", "video/mp4"),
        ("video/x-matroska", "audio/x-matroska", "video/webm"),
        ("video/x-ms-asf", "audio/x-ms-wma", "audio/mpeg"),
        ("video/mp2t", "video/mpeg", "video/mp4"),
        ("image/heif", "image/avif", "image/webp"),
        ("image/tiff", "image/x-adobe-dng", "image/x-icon"),
        ("text/plain", "application/msword", "application/vnd.ms-powerpoint"),
        ("text/plain", "application/x-www-form-urlencoded", "application/x-executable"),
    ],
)  # fmt: skip
def test_what_is_granted_and_what_is_next_to_it(detected: str, granted: str, contradicted: str) -> None:
    assert not contradict(granted, detected)
    assert contradict(contradicted, detected)


@pytest.mark.parametrize("name", ["a.tgz", "a.tar.gz", "a.taz"])
def test_a_compressed_tar_by_its_extension(name: str) -> None:
    assert not contradict(of_extension(name), "application/gzip")
    assert contradict(of_extension(name), "application/x-tar")
