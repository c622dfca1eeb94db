"""Types from content, and nothing else."""

import io
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.processors import image, text
from chalicelib.processors.detection import detect
from chalicelib.processors.registry import PROCESSORS, describe

PROCESSORS_FOLDER = Path(image.__file__).parent


def picture(kind: str, width: int = 30, height: int = 20) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, kind)
    return target.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", "application/x-empty"),
        (b"hello\n", "text/plain"),
        ("Grüße".encode("latin-1"), "text/plain"),
        ("Grüße".encode("utf-16"), "text/plain"),
        (b"BMW is a car, MZ a name, P6 a meeting", "text/plain"),
        (b'{"a": 1}', "text/plain"),
        (b"<html><script>alert(1)</script></html>", "text/html"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04" + bytes(40), "application/zip"),
        (b"\x1f\x8b\x08\x00" + bytes(20), "application/gzip"),
        (bytes(range(256)), "application/octet-stream"),
        (b"BM\x00\x01\x02\x03", "application/octet-stream"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "application/x-executable"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(64), "image/jp2"),
        (b"From: me\nTo: you\n\nHello\n", "text/plain"),
    ],
)
def test_types(content: bytes, media_type: str) -> None:
    assert detect(io.BytesIO(content)) == media_type


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"])
def test_images_are_measured(kind: str) -> None:
    content = picture(kind)
    description = describe(io.BytesIO(content), len(content))
    assert description.detected_type == f"image/{kind.lower()}"
    found = description.result["image"]
    assert (found["format"], found["width"], found["height"]) == (kind, 30, 20)


def test_a_giant_image_is_measured_without_being_decoded() -> None:
    header = bytearray(picture("PNG"))
    header[16:24] = (60_000).to_bytes(4) * 2  # IHDR's width and height
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4)
    assert image.describe(io.BytesIO(header), len(header))["width"] == 60_000


def test_a_broken_image_is_bad_content() -> None:
    broken = picture("PNG")[:20]
    with pytest.raises(BadContentError) as caught:
        describe(io.BytesIO(broken), len(broken))
    assert caught.value.kind is UNREADABLE_IMAGE


@pytest.mark.parametrize(
    ("content", "encoding", "lines"),
    [
        (b"one\ntwo\n", "ascii", 2),
        (b"one\r\ntwo\rthree", "ascii", 3),
        ("Grüße\n".encode(), "utf-8", 1),
        (
            "Все счастливые семьи похожи друг на друга,\nкаждая несчастливая по-своему.\n".encode("cp1251"),
            "cp1251",
            2,
        ),
        ("a\nb\nc".encode("utf-16"), "utf-16", 3),
        (b"\n", "ascii", 1),
        (b"caf\xe9\n", "cp1252", 1),
        (b"caf\xe9", "cp1252", 1),
        (b"\xef\xbb\xbfone\n", "utf-8-sig", 1),
        (b"\xef\xbb\xbf", "utf-8-sig", 0),
        (b"x" * 70_000 + "é".encode(), "utf-8", 1),
    ],
)
def test_texts_are_counted(content: bytes, encoding: str, lines: int) -> None:
    found = text.describe(io.BytesIO(content), len(content))
    assert (found["encoding"], found["lines"], found["lines_estimated"]) == (encoding, lines, False)


def test_a_character_on_the_samples_edge_is_still_utf_8() -> None:
    content = b"x" * (text.SAMPLE - 1) + "ü".encode()
    assert text.describe(io.BytesIO(content), len(content))["encoding"] == "utf-8"


def test_the_lines_of_a_large_text_are_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "COUNTED", 1000)
    content = b"123456789\n" * 1000
    found = text.describe(io.BytesIO(content), len(content))
    assert (found["lines"], found["lines_estimated"]) == (1000, True)


@given(st.binary(max_size=2000))
def test_no_bytes_make_a_processor_raise_anything_but_its_own_error(content: bytes) -> None:
    for head in (
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        b"GIF89a",
        b"RIFF\x00\x00\x00\x00WEBP",
        b"II*\x00",
    ):
        with suppress(BadContentError):
            describe(io.BytesIO(head + content), len(head + content))


def test_each_processor_is_registered_and_each_has_a_version() -> None:
    modules = {path.stem for path in PROCESSORS_FOLDER.glob("*.py")} - {"__init__", "registry", "detection"}
    assert modules == set(PROCESSORS)
    assert image.VERSION >= 1
    assert text.VERSION >= 1
