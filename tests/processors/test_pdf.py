"""PDF, which is read in a child process."""

import io

import pytest
from PIL import Image

from chalicelib.core.errors import UNREADABLE_PDF, BadContentError
from chalicelib.processors import pdf
from chalicelib.processors.registry import versions
from tests.processors import made
from tests.processors.described import described, facts


def test_a_document() -> None:
    found = facts(made.pdf(3))
    assert (found["pages"], found["title"], found["author"]) == (3, "Über alles", "Somebody")
    assert (found["width"], found["height"], found["preview"]) == (595.28, 841.89, "Hello, page 1")


def test_the_first_pages_thumbnail() -> None:
    thumbnail = described(made.pdf()).thumbnail
    assert thumbnail is not None
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert (image.format, image.size) == ("WEBP", (363, 512))
        darkest, lightest = image.convert("L").getextrema()
        assert (int(str(darkest)) < 100, int(str(lightest)) > 240) == (True, True), "there is text on paper"


def test_an_encrypted_document() -> None:
    assert facts(made.pdf(password="secret")) == {"version": versions()["pdf"], "encrypted": True}


def test_what_is_no_pdf_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        described(b"%PDF-1.7\nnothing else")
    assert caught.value.kind is UNREADABLE_PDF


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("D:20261124165846Z", "2026-11-24T16:58:46Z"),
        ("D:20261124165846+01'00'", "2026-11-24T16:58:46+01:00"),
        ("D:20261124165846-05'30", "2026-11-24T16:58:46-05:30"),
        ("D:20261124165846", "2026-11-24T16:58:46"),
        ("D:2026", "D:2026"),
        ("yesterday", "yesterday"),
    ],
)
def test_dates(written: str, shown: str) -> None:
    assert pdf._dated(written) == shown
