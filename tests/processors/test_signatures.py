"""Each row of the table of signatures, and texts that begin like one."""

import pytest

from chalicelib.core.media_types.names import essence
from chalicelib.processors.detection.signature import Signature
from chalicelib.processors.detection.signature_table import TABLE
from tests.processors.detect_bytes import detect_bytes
from tests.processors.signature_samples import SIGNATURE_SAMPLES

SAMPLES = [(media_type, begin) for media_type, begins in SIGNATURE_SAMPLES.items() for begin in begins]

REST = bytes(range(256)) * 8
"""What follows a signature: no text, and no zeros where a format has a size."""

PROSE = b" begin this text, which goes on\nwith a second line, and\na third one.\n"


@pytest.mark.parametrize(("media_type", "begin"), SAMPLES)
def test_type_by_signature(media_type: str, begin: bytes) -> None:
    assert detect_bytes(begin + REST) == media_type


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.media_type} {row.parts}")
def test_each_row_has_a_sample(row: Signature) -> None:
    begins = SIGNATURE_SAMPLES.get(row.media_type, [])
    assert any(row.matches(begin) for begin in begins), "add a beginning to SIGNATURE_SAMPLES"


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.media_type} {row.parts}")
def test_each_row_names_its_source(row: Signature) -> None:
    assert len(row.source) > 3
    assert row.media_type == essence(row.media_type), "not the canonical name"
    assert row.masks.keys() <= row.parts.keys()


@pytest.mark.parametrize("row", [row for row in TABLE if row.may_begin_text], ids=lambda row: str(row.parts))
def test_text_may_begin_like_a_signature(row: Signature) -> None:
    begin = bytearray(b"w" * max(offset + len(part) for offset, part in row.parts.items()))
    for offset, part in row.parts.items():
        begin[offset : offset + len(part)] = part
    assert detect_bytes(bytes(begin) + PROSE) in {"text/plain", "text/csv"}
    assert detect_bytes(b"\xef\xbb\xbf" + bytes(begin) + PROSE) in {"text/plain", "text/csv"}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.media_type} {row.parts}")
def test_a_signature_that_text_may_not_begin_with_is_specific(row: Signature) -> None:
    """At least 24 bits, of which random data match one in 16 million."""
    bits = sum(
        bin(int.from_bytes(row.masks.get(offset, b"\xff" * len(part)))).count("1")
        for offset, part in row.parts.items()
    )
    assert bits >= 24


def test_files_that_end_anywhere_are_detected() -> None:
    """No check reads beyond the end."""
    for _, begin in SAMPLES:
        for end in range(1, min(len(begin), 80) + 24, 3):
            assert "/" in detect_bytes((begin + REST)[:end])


def test_short_binary_files_are_detected() -> None:
    for first in range(256):
        for second in (0, 0x0A, 0x5A, 0x77, 0xE3, 0xFB):
            for length in (2, 5, 13, 39):
                assert "/" in detect_bytes(bytes([first, second, *range(40)])[:length])
