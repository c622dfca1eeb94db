"""What is detected in the files of an extension doesn't contradict it."""

import pytest

from chalicelib.core.media_types.extensions import type_of_extension
from chalicelib.core.media_types.type_mismatch import conflicts, is_mismatch

OOXML = "application/vnd.openxmlformats-officedocument."
WORD = "application/msword"


@pytest.mark.parametrize(
    ("extensions", "detected"),
    [
        ("doc dot", WORD),
        ("xls xlt", "application/vnd.ms-excel"),
        ("ppt pps", "application/vnd.ms-powerpoint"),
        ("doc xls ppt msg msi docx xlsx vsd", "application/x-ole-storage"),
        ("msg", "application/vnd.ms-outlook"),
        ("msi", "application/x-msi"),
        ("vsd", "application/vnd.visio"),
        ("vsdx vstx vssx", "application/vnd.ms-visio.drawing"),
        ("vsdm", "application/vnd.ms-visio.drawing.macroenabled.12"),
        ("dotx docx", f"{OOXML}wordprocessingml.template"),
        ("docm dotm", "application/vnd.ms-word.template.macroenabled.12"),
        ("xlsb", "application/vnd.ms-excel.sheet.binary.macroenabled.12"),
        ("pages numbers", "application/vnd.apple.pages"),
        ("numbers", "application/vnd.apple.numbers"),
        ("eml txt", "message/rfc822"),
        ("mbox eml txt", "application/mbox"),
        ("mht mhtml doc", "multipart/related"),
        ("eps ps ai txt", "application/postscript"),
        ("ai pdf", "application/pdf"),
        ("sh txt csh", "text/x-shellscript"),
        ("py txt", "text/x-python"),
        ("js ts txt", "text/javascript"),
        ("patch diff txt", "text/x-diff"),
        ("pem crt txt", "application/x-pem-file"),
        ("m3u m3u8", "application/vnd.apple.mpegurl"),
        ("srt txt", "application/x-subrip"),
        ("vtt", "text/vtt"),
        ("tex latex txt", "text/x-tex"),
        ("po pot txt", "text/x-gettext-translation"),
        ("reg txt", "text/x-ms-regedit"),
        ("ics txt", "text/calendar"),
        ("vcf txt", "text/vcard"),
        ("stl txt", "model/stl"),
        ("dxf txt", "image/vnd.dxf"),
        ("xml txt kml", "application/vnd.google-earth.kml+xml"),
        ("xml txt", "application/rss+xml"),
        ("dtd xml txt", "application/xml-dtd"),
        ("yaml yml txt", "application/yaml"),
        ("ttf otf ttc", "font/collection"),
        ("jp2 jpg2", "image/jpx"),
        ("ico", "image/x-icon"),
        ("jar xpi", "application/x-xpinstall"),
        ("kmz zip", "application/vnd.google-earth.kmz"),
        ("zip 3mf", "model/3mf"),
        ("zip pages", "application/vnd.apple.pages"),
        ("gpkg sqlite", "application/geopackage+sqlite3"),
        ("pst", "application/x-ms-pst"),
        ("nc h5", "application/x-hdf"),
        ("ra", "application/vnd.rn-realmedia"),
        ("deb", "application/vnd.debian.binary-package"),
        ("au snd", "audio/basic"),
        ("pbm pnm", "image/x-portable-bitmap"),
    ],
)
def test_extension_agrees_with_the_detected_type(extensions: str, detected: str) -> None:
    for extension in extensions.split():
        assert not is_mismatch(f"a.{extension}", None, detected), extension


@pytest.mark.parametrize(
    ("extensions", "detected"),
    [
        ("xls ppt msg msi pdf txt jpg", WORD),
        ("doc docx txt png", "application/x-msi"),
        ("docx xlsx zip pdf", "application/vnd.ms-outlook"),
        ("docx pdf png", "message/rfc822"),
        ("parquet avro pcap mxf chm dmg torrent", "text/plain"),
        ("parquet pdf txt", "application/avro"),
        ("jpg txt zip", "image/jxl"),
        ("mp4 png", "application/wasm"),
        ("png docx", "text/x-shellscript"),
        ("mp3 wav", "audio/ac3"),
        ("txt png", "application/vnd.apple.pages"),
    ],
)
def test_extension_contradicts_the_detected_type(extensions: str, detected: str) -> None:
    for extension in extensions.split():
        assert is_mismatch(f"a.{extension}", None, detected), extension


@pytest.mark.parametrize(
    ("declared", "detected"),
    [
        ("application/x-parquet", "application/vnd.apache.parquet"),
        ("application/x-pcap", "application/vnd.tcpdump.pcap"),
        ("application/x-esri-shape", "application/vnd.shp"),
        ("image/x-eps", "application/postscript"),
        ("application/x-cfb", WORD),
        ("application/wps-office.doc", WORD),
        ("audio/x-m4a", "audio/mp4"),
        ("audio/mpegurl", "application/vnd.apple.mpegurl"),
        ("image/vnd.ms-photo", "image/jxr"),
        ("application/sla", "model/stl"),
        ("application/vnd.ms-outlook", "application/x-ms-pst"),
        ("application/x-iwork-pages-sffpages", "application/zip"),
        ("text/x-patch", "text/x-diff"),
        ("application/java-archive", "application/x-xpinstall"),
    ],
)
def test_other_names_of_detected_types(declared: str, detected: str) -> None:
    assert not conflicts(declared, detected)


@pytest.mark.parametrize("extension", ["key", "pub", "dat", "db", "bin", "mod"])
def test_ambiguous_extensions_imply_nothing(extension: str) -> None:
    assert type_of_extension(f"a.{extension}") in {None, "application/octet-stream"}
