"""Texts: encodings and counts."""

import io

import pytest

from chalicelib.processors.formats import text
from chalicelib.processors.text import decoding
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
def test_texts_are_counted(content: bytes, encoding: str, lines: int) -> None:
    found = facts_of(content)
    assert (found["encoding"], found["lines"], found["lines_estimated"]) == (encoding, lines, False)


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
def test_words_are_counted_across_the_pieces_that_are_read(content: bytes, words: int) -> None:
    assert facts_of(content)["words"] == words


def test_a_preview_is_fit_to_be_shown() -> None:
    assert facts_of("# Tïtle\r\n\ttext\x1b[31m\n".encode() + b"x" * 9999)["preview"].startswith(
        "# Tïtle\n\ttext[31m\nxx"
    )
    assert len(facts_of(b"x" * 9999)["preview"]) == decoding.PREVIEW


def test_a_character_on_the_samples_edge_is_still_utf_8() -> None:
    content = b"x" * (decoding.SAMPLE - 1) + "ü".encode()
    assert facts_of(content)["encoding"] == "utf-8"


def test_the_counts_of_a_large_text_are_estimates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MAX_COUNTED_BYTES", 1000)
    content = b"12345 789\n" * 1000
    found = text.describe(io.BytesIO(content), len(content), "text/plain").facts
    assert (found["lines"], found["lines_estimated"]) == (1000, True)
    assert (found["words"], found["words_estimated"]) == (2000, True)
