"""Values as people read them."""

import pytest

from filectl.text import human_size, local_time, pairs, printable


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (None, "–"),
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_951, "1.0 MB"),
        (6 * 1024**3, "6.4 GB"),
        (5_000 * 10**12, "5000.0 TB"),
    ],
)
def test_sizes_are_decimal(size: int | None, text: str) -> None:
    assert human_size(size) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日本", "plain ü 日本"),
        ("\x1b[31m\n\t", "\\x1b[31m\\x0a\\x09"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\udcff", "\\xff"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_cannot_be_seen_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_nothing_is_a_dash() -> None:
    assert local_time(None) == "–"
    assert pairs({}) == "–"
    assert pairs({"a": "1", "b": "2"}) == "a=1, b=2"
