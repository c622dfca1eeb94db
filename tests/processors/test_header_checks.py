"""Detection of formats by fields that depend on each other, and bytes that only begin alike."""

import importlib.util
import io
import lzma
import struct

import pytest
from PIL import Image

from tests.processors import sample_files
from tests.processors.detect_bytes import detect_bytes

UNKNOWN = "application/octet-stream"
WINDOWS = "application/vnd.microsoft.portable-executable"
NO_TEXT = bytes(range(256))


def make_picture(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(file, kind)
    return file.getvalue()


def make_dos_program(*, at: int = 0, mark: bytes = b"") -> bytes:
    header = struct.pack("<2sHHHHHHHHHHHH", b"MZ", 100, 3, 0, 4, 0, 0xFFFF, 0, 0xB8, 0, 0, 0, 0x40)
    header = header.ljust(60, b"\0") + at.to_bytes(4, "little")
    return (header.ljust(at, b"\0") + mark).ljust(1000, b"\0")


def make_eot(version: int = 0x20001) -> bytes:
    return struct.pack("<III", 10_000, 9_000, version).ljust(34, b"\0") + b"LP" + bytes(60)


def make_lha(method: bytes = b"-lh5-", level: int = 1) -> bytes:
    return b"\x26\xb6" + method + bytes(13) + bytes([level]) + bytes(60)


def make_arj(kind: int = 2) -> bytes:
    return b"\x60\xea" + struct.pack("<HBBBBBBB", 47, 34, 11, 1, 2, 16, 0, kind) + bytes(60)


def make_cpio(order: str) -> bytes:
    numbers = [0o070707, 1, 2, 0o100644, 0, 0, 1, 0, 0, 0, 6, 0, 5]
    return struct.pack(f"{order}13H", *numbers) + b"a.txt\0hello\0" + bytes(500)


def make_asar(header: bytes = b'{"files":{}}') -> bytes:
    padded = len(header) + -len(header) % 4
    return struct.pack("<IIII", 4, padded + 8, padded + 4, len(header)) + header + bytes(20)


def make_frames(header: bytes, length: int, count: int = 3) -> bytes:
    return header.ljust(length, b"\x55") * count


def make_packets(step: int, begin: int = 0) -> bytes:
    return (bytes(begin) + b"G".ljust(step - begin, b"\x01")) * 6


def make_icon(kind: int = 1, count: int = 1, offset: int = 22) -> bytes:
    return (
        struct.pack("<HHH", 0, kind, count)
        + struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, 4000, offset)
        + bytes(99)
    )


def make_flic(mark: bytes = b"\x12\xaf") -> bytes:
    return (2000).to_bytes(4, "little") + mark + struct.pack("<HHHH", 10, 320, 200, 8) + bytes(200)


PYTHON = importlib.util.MAGIC_NUMBER + bytes(12) + b"\xe3" + bytes(50)
PUBLIC_KEY = b"\x99\x01\x0d\x04\x5f\x00\x00\x00\x01\x08\x00" + NO_TEXT
SESSION_KEY = b"\x85\x01\x0c\x03" + b"\x12" * 8 + b"\x01" + NO_TEXT


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (make_dos_program(), WINDOWS),
        (make_dos_program(at=128, mark=b"NE"), WINDOWS),
        (make_dos_program(at=128, mark=b"LX"), WINDOWS),
        (make_dos_program(at=128, mark=b"PE\0\0"), WINDOWS),
        (sample_files.zip_files({"a": "b"}), "application/zip"),
        (make_dos_program(at=128, mark=b"PE\0\0") + sample_files.zip_files({"a": "b"}), WINDOWS),
        (make_eot(), "application/vnd.ms-fontobject"),
        (make_eot(0x10000), "application/vnd.ms-fontobject"),
        (b"\0\1\0\0\0\x0a\0\x80\0\3\0\x20" + NO_TEXT, "font/ttf"),
        (b"true\0\x0a\0\x80\0\3\0\x20" + NO_TEXT, "font/ttf"),
        (b"CWS\x08\0\1\0\0" + NO_TEXT, "application/x-shockwave-flash"),
        (b"FWS\x05\0\1\0\0" + NO_TEXT, "application/x-shockwave-flash"),
        (b"ZWS\x0d\0\1\0\0" + NO_TEXT, "application/x-shockwave-flash"),
        (b"\x1f\x9d\x90" + NO_TEXT, "application/x-compress"),
        (lzma.compress(NO_TEXT, lzma.FORMAT_ALONE), "application/x-lzma"),
        (make_lha(), "application/x-lha"),
        (make_lha(b"-lhd-", 0), "application/x-lha"),
        (make_lha(b"-lzs-"), "application/x-lha"),
        (make_arj(), "application/x-arj"),
        (make_cpio("<"), "application/x-cpio"),
        (make_cpio(">"), "application/x-cpio"),
        (make_asar(), "application/x-asar"),
        (PYTHON, "application/x-python-code"),
        (b"\x03\xf3\r\n" + bytes(4) + b"c" + bytes(20), "application/x-python-code"),
        (make_picture("ICO"), "image/x-icon"),
        (make_icon(), "image/x-icon"),
        (make_icon(2), "image/x-icon"),
        (make_picture("PPM"), "image/x-portable-pixmap"),
        (b"P1\n# a comment\n2 2\n0 1\n1 0\n", "image/x-portable-bitmap"),
        (b"P5 2 2\n255\n\0\1\2\3", "image/x-portable-graymap"),
        (b"P7\nWIDTH 2\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nENDHDR\n\0\1\2\3", "image/x-portable-arbitrarymap"),
        (make_picture("TGA"), "image/x-tga"),
        (make_picture("PCX"), "image/vnd.zbrush.pcx"),
        (make_picture("JPEG2000"), "image/jp2"),
        (make_picture("SGI"), "image/x-rgb"),
        (make_picture("DDS"), "image/x-dds"),
        (make_picture("ICNS"), "image/x-icns"),
        (make_picture("EPS"), "application/postscript"),
        (make_flic(), "video/x-flic"),
        (make_flic(b"\x11\xaf"), "video/x-flic"),
        (b"\xff\x0a\xfb\x06\x00\x25\x88\x02\x00\x78\xc1\x7c" + NO_TEXT, "image/jxl"),
        (PUBLIC_KEY, "application/pgp-keys"),
        (b"\x95" + PUBLIC_KEY[1:], "application/pgp-keys"),
        (b"\xc6\x33" + PUBLIC_KEY[3:], "application/pgp-keys"),
        (SESSION_KEY, "application/pgp-encrypted"),
        (b"\x8c\x0d\x04\x09\x03\x08" + NO_TEXT, "application/pgp-encrypted"),
        (b"\x89\x01\x33\x04\x00\x01\x08" + NO_TEXT, "application/pgp-signature"),
        (make_packets(188), "video/mp2t"),
        (make_packets(192, 4), "video/mp2t"),
        (b"\x0b\x77\x1e\xf8\x4c\x40" + NO_TEXT, "audio/ac3"),
        ((b"\x0b\x77\x01\x7f\x34\x86" + bytes(762)) * 2, "audio/eac3"),
        (make_frames(b"\xff\xe3\x48\xc4", 288), "audio/mpeg"),
        (make_frames(b"\xff\xff\xd0\x00", 452), "audio/mpeg"),
        (make_frames(b"\xff\xfd\x84\x00", 384), "audio/mpeg"),
        (make_frames(b"\xff\xfb\x90\x00", 417), "audio/mpeg"),
        (sample_files.make_audio("ac3", "ac3"), "audio/ac3"),
        (sample_files.make_audio("eac3", "eac3"), "audio/eac3"),
        (sample_files.make_audio("mp2", "mp2"), "audio/mpeg"),
        (sample_files.make_audio("au", "pcm_s16be"), "audio/basic"),
        (sample_files.make_audio("w64", "pcm_s16le"), "audio/vnd.wave64"),
        (sample_files.make_audio("caf", "pcm_s16le"), "audio/x-caf"),
        (sample_files.make_audio("wv", "wavpack"), "audio/x-wavpack"),
        (sample_files.make_audio("tta", "tta"), "audio/x-tta"),
    ],
)
def test_format_by_fields_that_depend_on_each_other(content: bytes, media_type: str) -> None:
    assert detect_bytes(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"MZ" + bytes(200),
        make_dos_program()[:40],
        b"MZ" + NO_TEXT,
        make_eot(0x30000),
        b"\0\1\0\0\0\x0a\0\x40\0\3\0\x20" + NO_TEXT,
        b"CWS\x08\0\0\0\0" + NO_TEXT,
        b"\x1f\x9d\x70" + NO_TEXT,
        b"\x5d\0\0\x80\0\x11" + NO_TEXT,
        make_lha(level=9),
        make_lha(b"-lhz-"),
        make_arj(1),
        make_cpio("<")[:28] + b"x" * 100,
        make_asar(b"no JSON"),
        b"\x03\xf4\r" + bytes(20),
        make_icon(count=0),
        b"\x0a\x05\x01\x03" + bytes(200),
        make_icon(offset=3),
        make_icon(3),
        make_flic(b"\x13\xaf"),
        b"\x99\x01\x0d\x05" + bytes(40),
        b"\x85\x01\x0c\x03" + bytes(40),
        b"\x0b\x77\x00\x00\xff\xff" + NO_TEXT,
        b"\x0b\x77\x01\x7f\x34\x86" + NO_TEXT,
        b"\xff\xe3\x48\xc4" + NO_TEXT * 2,
        b"\xff\xfb\x90\x00" + NO_TEXT * 3,
        b"\xff\xf1\x50\x80\x43\xff" + NO_TEXT * 3,
        b"\x03\xf3\r\n" + bytes(20),
        make_packets(188)[:700],
        make_packets(190),
    ],
)
def test_bytes_that_only_begin_alike_are_not_the_format(content: bytes) -> None:
    assert detect_bytes(content) == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "BM;price\n1;2\n",
        "MZ,Name\n1,a\n",
        "P6 a meeting\n",
        "P5 10 points\n",
        "FWS and CWS\n",
        "true\nfalse\n",
        "GIF89 was a format\n",
        "OggSmith\n",
        "RIFF raff\n",
        "]\n",
        "ID3 tags\n",
        "ID3\nartist\ntitle\n",
        "ID3\r\nartist\r\n",
        "\vweather\n",
        "%!\n",
        "PK is an abbreviation\n",
        "II is two\n",
        "070701 is a number\n",
        "moov your files\n",
        "-lh5- is a method\n",
    ],
)
def test_text_may_begin_like_a_header(text: str) -> None:
    for content in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), (text * 1000).encode()):
        assert detect_bytes(content) in {"text/plain", "text/csv"}
