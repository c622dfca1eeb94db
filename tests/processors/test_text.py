"""Text: encodings and counts."""

import io

import pytest

from chalicelib.processors.formats import text
from chalicelib.processors.text import decoding
from chalicelib.processors.text.utf_8_reader import PIECE
from tests.processors.analyze import facts_of


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
def test_lines_and_encoding(content: bytes, encoding: str, lines: int) -> None:
    facts = facts_of(content)
    assert (facts["encoding"], facts["lines"], facts["lines_estimated"]) == (encoding, lines, False)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"one two\tthree\nfour", 4),
        (b"  ", 0),
        (b"a" * 200_000, 1),
        (b"ab " * 100_000, 100_000),
        (b"\n" + b"a" * 65_535 + b" b", 2),
    ],
)
def test_words_are_counted_across_chunks(content: bytes, words: int) -> None:
    assert facts_of(content)["words"] == words


def test_preview_contains_no_control_characters() -> None:
    assert facts_of("# Tïtle\r\n\ttext\x1b[31m\n".encode() + b"x" * 9999)["preview"].startswith(
        "# Tïtle\n\ttext[31m\nxx"
    )
    assert len(facts_of(b"x" * 9999)["preview"]) == decoding.PREVIEW


def test_utf_8_character_may_cross_the_end_of_the_sample() -> None:
    content = b"x" * (PIECE - 1) + "ü".encode()
    assert facts_of(content)["encoding"] == "utf-8"


def test_counts_of_a_large_text_are_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_COUNTED_BYTES", 1000)
    content = b"12345 789\n" * 1000
    facts = text.describe(io.BytesIO(content), len(content), "text/plain").facts
    assert (facts["lines"], facts["lines_estimated"]) == (1000, True)
    assert (facts["words"], facts["words_estimated"]) == (2000, True)
