"""Detection of what a zip holds, and of zips and disk images by the end of the file."""

import io
import struct
import zipfile

import pytest

from chalicelib.processors.detection.detect import detect
from tests.processors import sample_files
from tests.processors.detect_bytes import detect_bytes
from tests.sparse import Sparse, SparseStorage

OOXML = "application/vnd.openxmlformats-officedocument."
UNKNOWN = "application/octet-stream"
WORD, EXCEL = "application/vnd.ms-word.", "application/vnd.ms-excel."


def of_main_part(content_type: str) -> str:
    types = f'<Types><Override PartName="/x" ContentType="{content_type}"/></Types>'
    return detect_bytes(sample_files.zip_files({"[Content_Types].xml": types, "docProps/app.xml": "<x/>"}))


@pytest.mark.parametrize(
    ("main", "media_type"),
    [
        (f"{OOXML}wordprocessingml.template.main+xml", f"{OOXML}wordprocessingml.template"),
        (f"{OOXML}spreadsheetml.template.main+xml", f"{OOXML}spreadsheetml.template"),
        (f"{OOXML}presentationml.template.main+xml", f"{OOXML}presentationml.template"),
        (f"{OOXML}presentationml.slideshow.main+xml", f"{OOXML}presentationml.slideshow"),
        (
            f"{WORD}document.macroEnabled.main+xml",
            f"{WORD}document.macroenabled.12",
        ),
        (
            f"{WORD}template.macroEnabledTemplate.main+xml",
            f"{WORD}template.macroenabled.12",
        ),
        (
            f"{EXCEL}template.macroEnabled.main+xml",
            f"{EXCEL}template.macroenabled.12",
        ),
        (
            f"{EXCEL}sheet.binary.macroEnabled.main",
            f"{EXCEL}sheet.binary.macroenabled.12",
        ),
        (
            "application/vnd.ms-powerpoint.slideshow.macroEnabled.main+xml",
            "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
        ),
        ("application/vnd.ms-visio.drawing.main+xml", "application/vnd.ms-visio.drawing"),
        ("application/vnd.ms-visio.stencil.main+xml", "application/vnd.ms-visio.stencil"),
        (
            "application/vnd.ms-visio.drawing.macroEnabled.main+xml",
            "application/vnd.ms-visio.drawing.macroenabled.12",
        ),
        ("application/vnd.ms-package.3dmanufacturing-3dmodel+xml", "model/3mf"),
        ("application/vnd.ms-package.xps-fixeddocumentsequence+xml", "application/vnd.ms-xpsdocument"),
    ],
)
def test_packages_by_their_main_part(main: str, media_type: str) -> None:
    assert of_main_part(main) == media_type


@pytest.mark.parametrize(
    ("names", "media_type"),
    [
        (["Index/Document.iwa", "Index/MasterSlide-1.iwa"], "application/vnd.apple.keynote"),
        (["Index/Document.iwa", "Index/Slide.iwa", "Index/Tables/Tile.iwa"], "application/vnd.apple.keynote"),
        (["Index/Document.iwa", "Index/Tables/Tile-1.iwa"], "application/vnd.apple.numbers"),
        (["Index/Document.iwa", "Index/Tables/DataList.iwa"], "application/vnd.apple.pages"),
        (["index.apxl", "thumbs/st0.tiff"], "application/vnd.apple.keynote"),
        (["META-INF/manifest.mf", "META-INF/mozilla.rsa", "manifest.json"], "application/x-xpinstall"),
        (["install.rdf", "chrome.manifest"], "application/x-xpinstall"),
        (["extension.vsixmanifest", "[x]"], "application/vsix"),
        (["doc.kml", "files/a.png"], "application/vnd.google-earth.kmz"),
        (["Payload/", "Payload/X.app/Info.plist"], "application/x-ios-app"),
        (["scene.usdc", "0/a.png"], "model/vnd.usdz+zip"),
        (["a/doc.kml", "Payload/x", "b.usdc"], "application/zip"),
    ],
)
@pytest.mark.parametrize("kept", [None, -40])
def test_zips_by_their_entries(names: list[str], media_type: str, kept: int | None) -> None:
    """Also if the directory was cut off."""
    content = sample_files.zip_files(dict.fromkeys(names, "x"))
    assert detect_bytes(content[:kept]) == media_type


@pytest.mark.parametrize(
    "media_type", ["application/vnd.sun.xml.writer", "image/openraster", "application/x-krita"]
)
def test_zips_by_their_mimetype_entry(media_type: str) -> None:
    assert detect_bytes(sample_files.zip_files({"mimetype": media_type, "a": "b"})) == media_type


ARCHIVE = sample_files.zip_files({"a.txt": "hello"})


def with_comment(comment: bytes) -> bytes:
    file = io.BytesIO(ARCHIVE)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = comment
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"#!/bin/sh\nexec unzip $0\n" + ARCHIVE, "application/zip"),
        (b"\xef\xbb\xbf" + ARCHIVE, "application/zip"),
        (bytes(range(256)) * 100 + ARCHIVE, "application/zip"),
        (bytes(100) + with_comment(b"c" * 5000), "application/zip"),
        (bytes(100) + sample_files.make_docx(), f"{OOXML}wordprocessingml.document"),
        (bytes(100) + sample_files.zip_files({"META-INF/MANIFEST.MF": ""}), "application/java-archive"),
        (bytes(100) + ARCHIVE + b"more", UNKNOWN),
        (bytes(100) + ARCHIVE[:-60] + ARCHIVE[-22:], UNKNOWN),
        (bytes(100) + b"PK\x05\x06", UNKNOWN),
        (sample_files.make_image("PNG") + ARCHIVE, "image/png"),
        (bytes(9000) + b"koly" + struct.pack(">II", 4, 512).ljust(508, b"\0"), "application/x-apple-diskimage"),
        (bytes(9000) + b"koly" + bytes(508), UNKNOWN),
        (bytes(32769) + b"CD001\1\0" + bytes(3000), "application/x-iso9660-image"),
        (bytes(32769) + b"CD01" + bytes(3000), UNKNOWN),
    ],
)
def test_type_by_the_end_of_the_file(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


def test_unknown_large_file_costs_its_beginning_and_its_end() -> None:
    size = 1024**3
    storage = SparseStorage(Sparse(size, {0: bytes(range(256)) * 256}))
    with storage.open() as source:
        assert detect(source, size) == UNKNOWN
    assert storage.requests == 2
