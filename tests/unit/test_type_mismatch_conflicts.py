"""Which types conflict."""

import pytest

from chalicelib.core.media_types.type_mismatch import conflicts

OOXML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."
DOCX, XLSX, PPTX = (
    f"{OOXML}wordprocessingml.document",
    f"{OOXML}spreadsheetml.sheet",
    f"{OOXML}presentationml.presentation",
)
DOCM, XLSM = "application/vnd.ms-word.document.macroEnabled.12", "application/vnd.ms-excel.sheet.macroEnabled.12"
PPTM = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
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
        ("application/java-archive", "application/zip"),
        ("application/vnd.visio", "application/zip"),
        ("image/x-icon", "image/png"),
        ("application/x-msdownload", "application/vnd.microsoft.portable-executable"),
        ("application/java", "application/java-vm"),
        ("application/x-zip-compressed", "application/zip"),
        ("application/octet-stream", "image/png"),
        ("binary/octet-stream", "image/png"),
        ("image/x-portable-anymap", "application/octet-stream"),
        ("text/csv", "application/octet-stream"),
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
def test_compatible_types_do_not_conflict(claimed: str | None, detected: str | None) -> None:
    assert not conflicts(claimed, detected)


@pytest.mark.parametrize(
    ("claimed", "detected"),
    [
        ("image/png", "image/jpeg"),
        ("image/png", "text/html"),
        ("image/png", "application/octet-stream"),
        ("application/pdf", "application/octet-stream"),
        ("application/gzip", "application/octet-stream"),
        (DOCX, "application/octet-stream"),
        (DOCX, "application/zip"),
        (f"{ODF}text", "application/zip"),
        ("application/epub+zip", "application/zip"),
        ("application/vnd.android.package-archive", "application/zip"),
        ("application/pdf", "application/vnd.microsoft.portable-executable"),
        ("image/jpeg", "application/x-mach-binary"),
        ("application/zip", "application/x-ms-shortcut"),
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
def test_incompatible_types_conflict(claimed: str, detected: str) -> None:
    assert conflicts(claimed, detected)


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
        ("audio/3gpp2", "video/mp4"),
        ("audio/mp4", "video/quicktime"),
        ("font/otf", "font/ttf"),
        ("font/collection", "font/otf"),
        *((f"{ODF}text-{other}", f"{ODF}text") for other in ("master", "web")),
        *(
            (f"{ODF}{kind}-template", f"{ODF}{kind}")
            for kind in ("text", "spreadsheet", "presentation", "graphics", "chart", "formula", "image")
        ),
        (f"{OOXML}wordprocessingml.template", DOCX),
        (f"{OOXML}spreadsheetml.template", XLSX),
        (f"{OOXML}presentationml.template", PPTX),
        (f"{OOXML}presentationml.slideshow", PPTX),
        ("application/vnd.ms-word.template.macroEnabled.12", DOCM),
        ("application/vnd.ms-excel.template.macroEnabled.12", XLSM),
        ("application/vnd.ms-powerpoint.slideshow.macroEnabled.12", PPTM),
    ],
)
def test_interchangeable_types_do_not_conflict(one: str, other: str) -> None:
    assert not conflicts(one, other)
    assert not conflicts(other, one)


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
        (f"{ODF}text-flat-xml", f"{ODF}text"),
        (f"{OOXML}wordprocessingml.template", XLSX),
        (f"{OOXML}presentationml.slideshow", DOCX),
        (DOCX, XLSX),
        (DOCX, f"{ODF}text"),
        (DOCM, XLSM),
        ("application/epub+zip", DOCX),
    ],
)
def test_similar_types_that_are_not_interchangeable_conflict(one: str, other: str) -> None:
    assert conflicts(one, other)
    assert conflicts(other, one)


@pytest.mark.parametrize(
    ("detected", "accepted", "rejected"),
    [
        ("application/gzip", "application/x-tar", "application/zip"),
        ("application/gzip", "application/x-gtar", "application/x-bzip2"),
        ("application/gzip", "application/x-compressed-tar", "text/plain"),
        ("application/gzip", "image/svg+xml", "image/png"),
        ("application/gzip", "image/svg+xml-compressed", "application/pdf"),
        ("application/x-tar", "application/x-gtar", "application/gzip"),
        ("application/x-xz", "application/x-tar", "application/gzip"),
        ("application/x-bzip2", "application/x-tar", "application/x-cpio"),
        ("application/zstd", "application/x-tar", "text/plain"),
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
        ("application/pdf", "application/vnd.adobe.illustrator", "application/x-dvi"),
        ("application/pdf", "application/x-pdf", "application/x-unheard-of"),
        ("application/xhtml+xml", "application/msword", DOCX),
        ("application/xhtml+xml", "application/vnd.ms-excel", XLSX),
        (DOCX, DOCM, XLSM),
        (f"{OOXML}wordprocessingml.template", DOCM, PPTM),
        (XLSX, XLSM, "application/vnd.ms-excel"),
        (f"{OOXML}spreadsheetml.template", XLSM, DOCM),
        (PPTX, PPTM, "application/vnd.ms-powerpoint"),
        (f"{OOXML}presentationml.slideshow", PPTM, DOCM),
        (f"{OOXML}presentationml.template", PPTM, XLSM),
        (DOCM, "application/zip", DOCX),  # unexpected macros
        (OLE, "application/vnd.ms-outlook", "application/pdf"),
        (OLE, DOCX, f"{ODF}text"),  # it has a password
        (OLE, "application/vnd.visio", "application/x-rpm"),
        (OLE, "application/x-msi", "application/x-msdownload"),
        ("application/x-executable", "application/vnd.appimage", "application/zip"),
        ("application/x-executable", "application/x-iso9660-appimage", "application/x-iso9660-image"),
        ("application/x-hdf", "application/x-netcdf", "application/x-sqlite3"),
        ("application/zip", "application/x-unheard-of", "application/json"),
        ("application/zip", "application/vnd.apple.pages", "application/msword"),
        ("application/zip", "model/3mf", "image/x-xbitmap"),
        ("application/zip", "image/openraster", "message/rfc822"),
        ("application/java-archive", "application/x-xpinstall", "application/x-msi"),
        ("application/vnd.rar", "application/vnd.comicbook-rar", "application/zip"),
        ("video/webm", "video/x-matroska", "video/mp4"),
        ("video/x-matroska", "audio/x-matroska", "video/webm"),
        ("video/webm", "audio/x-matroska", "audio/mp4"),
        ("video/x-ms-asf", "audio/x-ms-wma", "audio/mpeg"),
        ("video/x-ms-asf", "video/x-ms-wmv", "video/x-msvideo"),
        ("video/x-ms-asf", "video/x-ms-wm", "video/mpeg"),
        ("video/mp2t", "video/mpeg", "video/mp4"),
        ("image/heif", "image/avif", "image/webp"),
        ("image/tiff", "image/x-adobe-dng", "image/x-icon"),
        ("image/x-adobe-dng", "image/tiff", "image/jpeg"),
        ("image/x-nikon-nrw", "image/x-nikon-nef", "image/x-sony-arw"),
        ("image/x-sony-sr2", "image/x-sony-arw", "image/x-canon-cr2"),
        ("image/x-panasonic-rw2", "image/x-raw", "image/png"),
        ("audio/x-ms-wma", "video/x-ms-wmv", "audio/mpeg"),
        ("audio/webm", "video/x-matroska", "video/mp4"),
        ("audio/quicktime", "video/quicktime", "audio/mpeg"),
        *(
            ("image/tiff", f"image/{camera}", "image/x-xcf")
            for camera in ("dng", "x-dcraw", "x-raw", "x-canon-cr2", "x-sony-arw", "x-pentax-pef", "x-kodak-dcr")
        ),
        ("image/tiff", "image/x-epson-erf", "image/bmp"),
        ("text/plain", "application/msword", "application/vnd.ms-powerpoint"),
        ("text/plain", "application/vnd.ms-excel", XLSX),
        ("application/vnd.android.package-archive", "application/java-archive", "application/msword"),
        ("text/plain", "application/x-www-form-urlencoded", "application/x-executable"),
    ],
)  # fmt: skip
def test_accepted_name_and_its_rejected_neighbor(detected: str, accepted: str, rejected: str) -> None:
    assert not conflicts(accepted, detected)
    assert conflicts(rejected, detected)
