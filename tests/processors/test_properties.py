"""No bytes make a processor raise anything but BadContentError, or return facts that can't be stored."""

import io
import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.core.errors import BadContentError
from chalicelib.core.media_types.names import is_media_type
from chalicelib.processors.registry import PROCESSORS, analyze, run_processor
from tests.processors.sample_files import samples_of

HEADS = [
    *(b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"RIFF\x00\x00\x00\x00WEBP", b"II*\x00", b"BM"),
    *(b"\x00\x00\x00\x18ftypheic", b"\x00\x00\x00\x18ftypavif", b"PK\x03\x04", b"PK\x05\x06" + bytes(12)),
    *(b"\x1f\x8b\x08\x00", b"BZh9", b"\xfd7zXZ\x00", b"{", b"[", b"a,b\n", b"<svg ", b"<?xml ", b"\xff\xfe"),
]
"""Beginnings of files of many kinds, besides those of the samples."""

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def damaged_files(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A valid file with some bytes overwritten, and perhaps cut."""
    content = bytearray(draw(st.sampled_from(samples)))
    for _ in range(draw(st.integers(1, 8))):
        at = draw(st.integers(0, len(content) - 1))
        piece = draw(st.binary(min_size=1, max_size=8))
        content[at : at + len(piece)] = piece
    return bytes(content[: draw(st.sampled_from([None, None, draw(st.integers(1, len(content)))]))])


def assert_analyzed_or_refused(content: bytes) -> None:
    with suppress(BadContentError):
        analysis = analyze(io.BytesIO(content), len(content))
        assert_storable(analysis.result)
        assert is_media_type(analysis.detected_type)


def assert_described_or_refused(name: str, content: bytes) -> None:
    """Run one processor, whatever the file is."""
    media_type = PROCESSORS[name].types[0]
    with suppress(BadContentError):
        result = run_processor(name, io.BytesIO(content), len(content), media_type)
        assert_storable(result.facts)


def assert_storable(result: object) -> None:
    """PostgreSQL's jsonb accepts no NUL, no half of a surrogate pair, and no infinity."""
    text = json.dumps(result, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()


def test_any_bytes_are_analyzed_or_refused() -> None:
    """The samples are made before the strategy: libraries that make them draw random numbers of their own."""
    sample_heads = [sample[:16] for name in PROCESSORS for sample in samples_of(name)]

    @SLOW
    @given(st.sampled_from(HEADS) | st.sampled_from(sample_heads), st.binary(max_size=2000))
    def check(head: bytes, content: bytes) -> None:
        assert_analyzed_or_refused(head + content)

    check()


@pytest.mark.parametrize("name", PROCESSORS)
def test_damaged_files_are_analyzed_or_refused(name: str) -> None:
    """A processor of many formats gets more examples, so that each format has enough."""
    samples = samples_of(name)

    @settings(SLOW, max_examples=max(20, 8 * len(samples)))
    @given(damaged_files(samples))
    def check(content: bytes) -> None:
        assert_analyzed_or_refused(content)

    check()


@pytest.mark.parametrize("name", PROCESSORS)
@settings(SLOW, max_examples=35)
@given(data=st.data())
def test_processor_describes_or_refuses_any_file(name: str, data: st.DataObject) -> None:
    any_bytes = st.binary(min_size=1 if PROCESSORS[name].sandboxed else 0, max_size=2000)
    samples = [sample for other in PROCESSORS for sample in samples_of(other)]
    content = data.draw(st.one_of(any_bytes, damaged_files(samples)))
    assert_described_or_refused(name, content)


@given(st.text(), st.text())
def test_any_text_is_described_as_csv(head: str, body: str) -> None:
    content = (head + "\n" + body).encode("utf-8", "surrogatepass")
    assert_storable(analyze(io.BytesIO(content), len(content), ["text/csv"]).result)
