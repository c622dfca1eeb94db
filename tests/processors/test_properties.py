"""No bytes make a processor raise anything but its own error, or tell what can't be stored."""

import io
import json
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import BadContentError
from chalicelib.core.media_types.names import is_media_type
from chalicelib.processors.registry import PROCESSORS, describe, describe_as
from tests.processors import sample_files

HEADS = [
    *(b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP", b"II*\x00", b"BM"),
    *(b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x18ftypavif", b"PK\x03\x04", b"PK\x05\x06" + bytes(12)),
    *(b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00", b"{", b"[", b"a,b\n", b"<svg ", b"<?xml ", b"\xff\xfe"),
]
"""How files begin whose kinds are described in this process."""

SAMPLES = [
    *(sample_files.picture(kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF")),
    *(
        sample_files.HEIC,
        sample_files.docx(),
        sample_files.xlsx(),
        sample_files.odt(),
        sample_files.epub(),
        sample_files.zipped({"a.txt": "a" * 100}),
    ),
    b'{"a": [1, 2.5, {"b": "text"}]}',
    b"id,name,at\n1,Ada,2026-01-31\n2,Bob,2026-02-01\n",
]
READ_APART = [
    sample_files.pdf(),
    sample_files.video("mp4"),
    sample_files.video("matroska"),
    sample_files.audio("mp3", "libmp3lame"),
]

APART = sorted(name for name, kind in PROCESSORS.items() if kind.apart)
HERE = sorted(set(PROCESSORS) - set(APART))

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def damaged(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A good file with some bytes overwritten, and perhaps cut."""
    content = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(content) - 1))
        piece = draw(st.binary(min_size=1, max_size=8))
        content[at : at + len(piece)] = piece
    return bytes(content[: draw(st.sampled_from([None, None, draw(st.integers(1, len(content)))]))])


def is_described(content: bytes) -> None:
    with suppress(BadContentError):
        description = describe(io.BytesIO(content), len(content))
        is_storable(description.result)
        assert is_media_type(description.detected_type)


def is_storable(result: object) -> None:
    """PostgreSQL's jsonb takes no NUL, no half of a surrogate pair, and no infinity."""
    text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()


@SLOWLY
@given(st.sampled_from(HEADS), st.binary(max_size=2000))
def test_any_bytes(head: bytes, content: bytes) -> None:
    is_described(head + content)


@SLOWLY
@given(damaged(SAMPLES))
def test_damaged_files(content: bytes) -> None:
    is_described(content)


@SLOWLY
@given(st.sampled_from(HERE), st.one_of(st.binary(max_size=2000), damaged(SAMPLES)))
def test_files_of_another_kind(name: str, content: bytes) -> None:
    with suppress(BadContentError):
        told = describe_as(name, io.BytesIO(content), len(content))
        is_storable(told.facts)


@settings(SLOWLY, max_examples=20)
@given(damaged(READ_APART))
def test_damaged_files_that_are_read_apart(content: bytes) -> None:
    is_described(content)


@settings(SLOWLY, max_examples=10)
@given(st.sampled_from(APART), st.binary(min_size=1, max_size=2000))
def test_any_bytes_read_apart(name: str, content: bytes) -> None:
    with suppress(BadContentError):
        told = describe_as(name, io.BytesIO(content), len(content))
        is_storable(told.facts)


@given(st.text(), st.text())
def test_texts_as_tables(head: str, body: str) -> None:
    content = (head + "\n" + body).encode("utf-8", "surrogatepass")
    is_storable(describe(io.BytesIO(content), len(content), ["text/csv"]).result)
