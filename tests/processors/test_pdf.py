"""PDF, in the sandbox."""

import io

import pytest
from PIL import Image
from pypdfium2 import PDFIUM_INFO

from chalicelib.core.errors import UNREADABLE_PDF, BadContentError
from chalicelib.processors.formats import pdf
from chalicelib.processors.registry import versions
from tests.processors import hostile_files, sample_files
from tests.processors.analyze import analyze_bytes, facts_of


def test_pdf_facts() -> None:
    facts = facts_of(sample_files.make_pdf(3))
    assert (facts["pages"], facts["title"], facts["author"]) == (3, "Über alles", "Ada Lovelace")
    assert (facts["width"], facts["height"], facts["preview"]) == (595.28, 841.89, "Hello, page 1")


def test_thumbnail_shows_the_first_page() -> None:
    thumbnail = analyze_bytes(sample_files.make_pdf()).thumbnail
    assert thumbnail is not None
    with Image.open(io.BytesIO(thumbnail)) as image:
        assert (image.format, image.size) == ("WEBP", (363, 512))
        darkest, lightest = image.convert("L").getextrema()
        assert (int(str(darkest)) < 100, int(str(lightest)) > 240) == (True, True), "there is text on paper"


def test_encrypted_pdf_is_flagged() -> None:
    assert facts_of(sample_files.make_pdf(password="secret")) == {"version": versions()["pdf"], "encrypted": True}


def test_file_that_only_begins_like_pdf_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"%PDF-1.7\nnothing else")
    assert caught.value.kind is UNREADABLE_PDF


def of_many_objects(count: int) -> bytes:
    """More than 16 MiB, so that not all of it may be read."""
    page = hostile_files.page(hostile_files.stream(b"1 0 0 rg 20 20 100 100 re f"))
    return hostile_files.pdf([*page, *[b"(%b)" % (b"x" * (24_000_000 // count))] * count])


def test_pdf_of_many_pages() -> None:
    analysis = analyze_bytes(of_many_objects(60_000))
    assert analysis.result["pdf"]["pages"] == 1
    assert analysis.thumbnail is not None


def test_too_long_object_table_is_incomplete_not_damaged() -> None:
    assert facts_of(of_many_objects(150_000)) == {"version": versions()["pdf"], "incomplete": True}


def test_linearized_pdf_has_its_page_count_at_the_beginning() -> None:
    content = of_many_objects(150_000)
    first = b"%PDF-1.7\n9 0 obj\n<</Linearized 1/L 9/H [9 9]/O 9/E 9/N 612/T 9>>\nendobj\n"
    assert facts_of(first + content[len(first) :])["pages"] == 612


def form() -> bytes:
    """Return a PDF with one form field, filled in, whose appearance is drawn in blue."""
    look = hostile_files.stream(b"0 0 1 rg 0 0 100 100 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 100 100]")
    field = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada) /F 4 /Rect [50 50 150 150] %b >>"
    catalogue, pages, page, content = hostile_files.page(hostile_files.stream(b""))
    catalogue = catalogue.replace(b">>", b"/AcroForm << /Fields [6 0 R] >> >>")
    page = page.replace(b"/Contents", b"/Annots [6 0 R] /Contents")
    return hostile_files.pdf([catalogue, pages, page, content, look, field % b"/AP << /N 5 0 R >>"])


def test_form_values_are_in_the_thumbnail() -> None:
    thumbnail = analyze_bytes(form()).thumbnail
    assert thumbnail is not None
    with Image.open(io.BytesIO(thumbnail)) as image:
        red, _, blue = image.convert("RGB").getpixel((256, 256))  # type: ignore[misc]  # RGB
    assert red < 40 < 200 < blue


def test_scripts_in_forms_are_not_run() -> None:
    assert not {"V8", "XFA"} & set(PDFIUM_INFO.flags)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("D:20261124165846Z", "2026-11-24T16:58:46Z"),
        ("D:20261124165846Z00'00'", "2026-11-24T16:58:46Z"),
        ("D:20261124165846+00'00'", "2026-11-24T16:58:46+00:00"),
        ("D:20261124165846+01'00'", "2026-11-24T16:58:46+01:00"),
        ("D:20261124165846+0100", "2026-11-24T16:58:46+01:00"),
        ("D:20261124165846-05'30", "2026-11-24T16:58:46-05:30"),
        ("D:20261124165846-5'00'", "2026-11-24T16:58:46-05:00"),
        ("D:20261124165846+99'99'", "2026-11-24T16:58:46"),
        ("D:20261124165846+05'99'", "2026-11-24T16:58:46"),
        ("D:20261124165846", "2026-11-24T16:58:46"),
        ("2026-11-24T16:58:46+01:00", "2026-11-24T16:58:46+01:00"),
        ("20250718155751+", "2025-07-18T15:57:51"),
        ("D:202611241658", "2026-11-24T16:58"),
        ("D:20261124", "2026-11-24"),
        ("D:202611", "2026-11"),
        ("D:2026", "2026"),
        ("D:20240229", "2024-02-29"),
        ("D:20230229", None),
        ("D:20241340259999+99'99'", None),
        ("D:00000000000000", None),
        ("D:191000101000000", None),  # the year 100 after 1900, as some wrote in 2000
        ("D:", None),
        ("", None),
        ("yesterday", None),
    ],
)
def test_dates_in_iso_8601(written: str, shown: str | None) -> None:
    assert pdf._iso_date(written) == shown


def with_information(entries: bytes) -> bytes:
    content = hostile_files.pdf([*hostile_files.page(hostile_files.stream(b"")), b"<< %b >>" % entries])
    return content.replace(b"/Root 1 0 R", b"/Root 1 0 R /Info 5 0 R")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"(Report\\000\\000)", "Report"),
        (b"(\\000Re\\000port \\177)", "Report"),
        (b"<feff00520065007000f800720074>", "Rep\xf8rt"),
        (b"<feff0052006500700000>", "Rep"),
        (b"<feff0041d8000042>", "A\ufffdB"),  # half of a surrogate pair
        (b"<efbbbf526570c3b87274>", "Rep\xf8rt"),
        (b"<8d5265708e>", "\u201cRep\u201d"),
        (b"<feff>", None),
        (b"(\\000\\000)", None),
    ],
)
def test_title_is_decoded_and_without_control_characters(written: bytes, shown: str | None) -> None:
    facts = facts_of(with_information(b"/Title %b /CreationDate (D:20241340) /Author (Ada)" % written))
    assert (facts.get("title"), facts["author"]) == (shown, "Ada")
    assert "created_at" not in facts
