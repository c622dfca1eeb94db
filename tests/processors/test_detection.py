"""Detection of media types from content alone."""

import bz2
import gzip
import io
import lzma
import tarfile

import pytest

from chalicelib.core.errors import ServiceError
from chalicelib.processors.detection.detect import detect
from tests.processors import sample_files
from tests.processors.detect_bytes import detect_bytes
from tests.processors.failing_file import FailingFile

OOXML = "application/vnd.openxmlformats-officedocument"
ANDROID = "application/vnd.android.package-archive"


def make_windows_program(at: int) -> bytes:
    """Return the two headers, as Delphi's linker writes the first."""
    return (b"MZP\0" + bytes(56) + at.to_bytes(4, "little")).ljust(at, b"\0") + b"PE\0\0" + bytes(100)


def add_id3_tag(music: bytes) -> bytes:
    """Return the content behind an ID3 tag with a cover, larger than the inspected head."""
    size = 20_000
    syncsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\4\0\0" + syncsafe + bytes(size) + music


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "application/x-empty"),
        (b"hello\n", "text/plain"),
        ("Grüße".encode("latin-1"), "text/plain"),
        ("Grüße".encode("utf-16"), "text/plain"),
        (b"BMW is a car, MZ a name, P6 a meeting", "text/plain"),
        (b"<html><script>alert(1)</script></html>", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "application/xhtml+xml"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04" + bytes(40), "application/zip"),
        (bytes(range(256)), "application/octet-stream"),
        (b"BM\x00\x01\x02\x03", "application/octet-stream"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "application/x-executable"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64), "image/jp2"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "application/x-ole-storage"),
        (b"From: me\nTo: you\n\nHello\n", "text/plain"),
        (b"# Title\n\nSome *words*.\n", "text/plain"),
        (gzip.compress(b"hello", mtime=0), "application/gzip"),
        (bz2.compress(b"hello"), "application/x-bzip2"),
        (lzma.compress(b"hello"), "application/x-xz"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04" + bytes(64), "application/x-7z-compressed"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(64), "application/vnd.rar"),
        (make_windows_program(0x80), "application/vnd.microsoft.portable-executable"),
        (make_windows_program(0x1000), "application/vnd.microsoft.portable-executable"),
        (b"MZ" + bytes(200), "application/octet-stream"),
        (b"\xcf\xfa\xed\xfe" + bytes(64), "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe" + bytes([0, 0, 0, 2]) + bytes(64), "application/x-mach-binary"),
        (b"\xca\xfe\xba\xbe" + bytes([0, 0, 0, 52]) + bytes(64), "application/java-vm"),
        (b"L\0\0\0\x01\x14\x02\0" + bytes(64), "application/x-ms-shortcut"),
        (b"!<arch>\ndebian-binary   " + bytes(64), "application/vnd.debian.binary-package"),
        (b"!<arch>\nfile.o/         " + bytes(64), "application/x-archive"),
        (b"\0\n%PDF-1.7\n", "application/pdf"),
        (b"They begin with\n%PDF-1.7\n", "text/plain"),
        (bytes(1100) + b"%PDF-1.7\n", "application/octet-stream"),
        (add_id3_tag(sample_files.make_audio("flac", "flac")), "audio/flac"),
        (add_id3_tag(sample_files.make_audio("adts", "aac")), "audio/aac"),
        (add_id3_tag(sample_files.make_audio("mp3", "libmp3lame")), "audio/mpeg"),
        (add_id3_tag(b""), "audio/mpeg"),
        (b"ID3,Name\nof,songs\n", "text/csv"),
        (b"ID3", "text/plain"),
        (b"BZhang,Name\nof,people\n", "text/csv"),
        (bz2.compress(b""), "application/x-bzip2"),
        (b"\x50\x2a\x4d\x18\4\0\0\0" + bytes(64), "application/zstd"),
        (b"PK00PK\x03\x04" + bytes(64), "application/zip"),
        (tarfile.TarInfo("a").tobuf() + bytes(1024), "application/x-tar"),
        (sample_files.make_v7_tar({"a": b""}), "application/x-tar"),
    ],
)
def test_detected_types(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (sample_files.zip_files({"a.txt": "a"}), "application/zip"),
        (sample_files.zip_files({}), "application/zip"),
        (sample_files.make_docx(), f"{OOXML}.wordprocessingml.document"),
        (sample_files.make_xlsx(), f"{OOXML}.spreadsheetml.sheet"),
        (sample_files.make_pptx(), f"{OOXML}.presentationml.presentation"),
        (sample_files.make_odt(), "application/vnd.oasis.opendocument.text"),
        (sample_files.make_epub(), "application/epub+zip"),
        (sample_files.zip_files({"META-INF/MANIFEST.MF": "", "A.class": ""}), "application/java-archive"),
        (sample_files.zip_files({"META-INF/MANIFEST.MF": "", "AndroidManifest.xml": ""}), ANDROID),
        (sample_files.zip_files({"mimetype": "text/html", "a": ""}), "application/zip"),
        (sample_files.zip_files({"[Content_Types].xml": "<Types/>"}), "application/zip"),
    ],
)
def test_zip_types(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


V7 = sample_files.make_v7_tar({"a.txt": b""})


def set_checksum(header: bytes) -> bytes:
    """Return the header with a tar's checksum in it."""
    checksum = sum(header[:148]) + 8 * ord(" ") + sum(header[156:512])
    return header[:148] + b"%8o" % checksum + header[156:]


@pytest.mark.parametrize(
    "content",
    [
        *(bytes(512), bytes(10_000), V7[:511], b"01234567 " * 1000),
        V7.replace(b"a", b"b", 1),
        V7[:148] + bytes(8) + V7[156:],
        sample_files.make_v7_tar({"": b""}),
        set_checksum(V7[:100] + b"letter" + V7[106:]),
    ],
)
def test_files_that_are_no_unix_v7_tar(content: bytes) -> None:
    assert detect_bytes(content) != "application/x-tar"


def test_text_with_matching_tar_checksum_is_no_tar() -> None:
    assert detect_bytes(set_checksum(V7)) == "application/x-tar"
    assert detect_bytes(set_checksum(b"1 " * 256)) == "text/plain"


def test_document_with_macros_has_its_own_type() -> None:
    main = "application/vnd.ms-word.document.macroEnabled.main+xml"
    content = sample_files.zip_files({"[Content_Types].xml": f'<Types><Override ContentType="{main}"/></Types>'})
    assert detect_bytes(content) == "application/vnd.ms-word.document.macroenabled.12"


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b'{"a": 1}', "application/json"),
        (b"  [1, 2]\n", "application/json"),
        (b'\xef\xbb\xbf{"a": 1}', "application/json"),
        (b'{"a": "' + b"x" * 10_000 + b'"}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"[" + b"9" * 5000 + b", 1e999, 1E-99999999999999999999]", "application/json"),
        (b"[" + b"9" * 10_000 + b"]", "application/json"),
        (b'{"a": 1e999}\n{"a": 2}\n', "application/x-ndjson"),
        (b"[1, 2, nothing]", "text/plain"),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        (b'{"a": 1}\n' * 2000, "application/x-ndjson"),
        (b"{not json}", "text/plain"),
        (b"[section]\nkey = value\n", "text/plain"),
        (b"123", "text/plain"),
        (b"id,name\n1,Ada\n2,Bob\n", "text/csv"),
        (b"id;name\n1;Ada\n", "text/csv"),
        (b'id,name\n1,"Ada, Countess"\n', "text/csv"),
        (b"id\tname\n1\tAda\n", "text/tab-separated-values"),
        ("id,größe\n1,zwei\n".encode("utf-16"), "text/csv"),
        (b"id,name\n" + b"1,Ada\n" * 3000, "text/csv"),
        (b"one line, with a comma\n", "text/plain"),
        (b"Dear Ada, dear Bob,\nthank you, both.\n", "text/plain"),
        (b"2026-01-31 10:00:00,123 INFO a\n2026-01-31 10:00:01,456 INFO b\n", "text/plain"),
        (b"| a | b |\n| --- | --- |\n| 1 | 2 |\n", "text/plain"),
        (b"a,b\n1,2\n3\n", "text/plain"),
    ],
)
def test_structured_text_types(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_image_types(kind: str) -> None:
    assert detect_bytes(sample_files.make_image(kind)) == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("kind", "codec", "sound", "media_type"),
    [
        ("mp4", "libx264", "aac", "video/mp4"),
        ("mov", "libx264", "aac", "video/quicktime"),
        ("3gp", "mpeg4", "aac", "video/3gpp"),
        ("matroska", "libx264", "aac", "video/x-matroska"),
        ("webm", "libvpx-vp9", "libopus", "video/webm"),
        ("avi", "mpeg4", "libmp3lame", "video/x-msvideo"),
        ("mpegts", "libx264", "aac", "video/mp2t"),
        ("flv", "libx264", "aac", "video/x-flv"),
        ("mpeg", "mpeg2video", "mp2", "video/mpeg"),
    ],
)
def test_video_types(kind: str, codec: str, sound: str, media_type: str) -> None:
    assert detect_bytes(sample_files.make_video(kind, codec, sound, 1)) == media_type


@pytest.mark.parametrize(
    ("kind", "codec", "media_type"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("ipod", "aac", "audio/mp4"),
        ("flac", "flac", "audio/flac"),
        ("wav", "pcm_s16le", "audio/wav"),
        ("ogg", "libopus", "audio/ogg"),
        ("aiff", "pcm_s16be", "audio/aiff"),
        ("adts", "aac", "audio/aac"),
    ],
)
def test_audio_types(kind: str, codec: str, media_type: str) -> None:
    assert detect_bytes(sample_files.make_audio(kind, codec, 1)) == media_type


def test_storage_error_is_not_taken_for_a_damaged_zip() -> None:
    content = sample_files.zip_files({"a": bytes(100_000)}, 0)
    with pytest.raises(ServiceError, match="storage_unavailable"):
        detect(FailingFile(content), len(content))


@pytest.mark.parametrize(
    "content",
    [
        b"<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf <svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>",
        b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
    ],
)
def test_svg_is_detected(content: bytes) -> None:
    assert detect(io.BytesIO(content), len(content)) == "image/svg+xml"


@pytest.mark.parametrize(
    "content",
    [
        b"# Read me\n\n<svg width='1'></svg>\n",
        b"a { background: url('data:image/svg+xml,<svg xmlns=%22x%22/>') }\n",
        b"id,icon\n1,<svg/>\n2,<svg/>\n",
        b"<p>a fragment <svg/></p>\n",
        b"<!-- -->" * 900 + b"no drawing",
    ],
)
def test_text_that_contains_svg_is_not_svg(content: bytes) -> None:
    assert detect(io.BytesIO(content), len(content)).startswith("text/")


@pytest.mark.parametrize("kept", [0.3, 0.9])
@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (sample_files.make_docx(), f"{OOXML}.wordprocessingml.document"),
        (sample_files.make_odt(), "application/vnd.oasis.opendocument.text"),
        (sample_files.make_epub(), "application/epub+zip"),
        (sample_files.zip_files({"a.txt": "a" * 5000}), "application/zip"),
    ],
)
def test_truncated_document_keeps_its_type(content: bytes, media_type: str, kept: float) -> None:
    assert detect_bytes(content[: int(len(content) * kept)]) == media_type


def test_json_lines_may_be_cut_at_the_end_of_the_head() -> None:
    line = b'{"text": "' + b"x" * 3000 + b'"}\n'
    assert detect_bytes(line * 10) == "application/x-ndjson"
    assert detect_bytes(line * 2 + b"no JSON\n" + line) == "text/plain"


def iso_media(*brands: bytes) -> bytes:
    major, *compatible = brands
    kind = major + bytes(4) + b"".join(compatible)
    return (len(kind) + 8).to_bytes(4) + b"ftyp" + kind + b"avif" * 20


@pytest.mark.parametrize(
    ("brands", "media_type"),
    [
        ((b"isom", b"3gp4"), "video/mp4"),
        ((b"3gp5", b"isom"), "video/3gpp"),
        ((b"3gh9", b"isom"), "video/3gpp"),
        ((b"3g2a",), "video/3gpp2"),
        ((b"M4V ", b"M4A ", b"mp42"), "video/mp4"),
        ((b"M4A ", b"mp42", b"isom"), "audio/mp4"),
        ((b"NEWS",), "video/mp4"),
        ((b"NEWS", b"qt  "), "video/quicktime"),
        ((b"mif1",), "image/heif"),
        ((b"mif1", b"mif1", b"heic"), "image/heic"),
        ((b"mif1", b"miaf", b"avif"), "image/avif"),
        ((b"msf1", b"iso8"), "image/heif-sequence"),
        ((b"msf1", b"msf1", b"hevc", b"iso8"), "image/heic-sequence"),
        ((b"heic", b"mif1", b"avif"), "image/heic"),
    ],
)
def test_iso_media_brands(brands: tuple[bytes, ...], media_type: str) -> None:
    assert detect_bytes(iso_media(*brands)) == media_type


MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def of_content_types(listed: str) -> str:
    return detect_bytes(sample_files.zip_files({"[Content_Types].xml": f"<Types><Override {listed}/></Types>"}))


@pytest.mark.parametrize("quote", ['"', "'"])
def test_ooxml_type_is_that_of_the_main_part(quote: str) -> None:
    assert of_content_types(f"ContentType={quote}{MAIN}.main+xml{quote}") == MAIN


@pytest.mark.parametrize(
    "listed",
    [
        f"{MAIN}\0.main+xml",
        f"{MAIN}\n.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml." + "x" * 900_000 + ".main+xml",
        "text/html;wordprocessingml.x.main+xml",
        "image/png;macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.<b>.main+xml",
        "application/vnd.ms-word.text/html;macroEnabled.main+xml",
    ],
)
def test_unknown_main_part_type_is_ignored(listed: str) -> None:
    assert of_content_types(f'ContentType="{listed}"') == "application/zip"


@pytest.mark.parametrize(
    "declared",
    [
        "application/vnd.oasis.opendocument.te\0xt",
        "application/vnd.oasis.opendocument.te",
        "application/vnd.oasis.opendocument.text/html",
        "text/html",
        "",
    ],
)
def test_unknown_mimetype_entry_is_ignored(declared: str) -> None:
    assert detect_bytes(sample_files.zip_files({"mimetype": declared, "content.xml": "<x/>"})) == "application/zip"
