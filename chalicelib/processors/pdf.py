"""PDF: pages, what it says of itself, how its text begins, and a thumbnail of the first page, by PDFium."""

import re
from contextlib import suppress
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2.raw import FPDF_ERR_PASSWORD

from chalicelib.core.described import THUMBNAIL_SIDE, Described
from chalicelib.core.errors import UNREADABLE_PDF, BadContentError
from chalicelib.processors.shared.early_end import EndsEarly
from chalicelib.processors.shared.texts import PREVIEW, preview
from chalicelib.processors.shared.thumbnails import webp

UNREADABLE = UNREADABLE_PDF
LIMIT = 1280 * 1024

_FACTS = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Creator": "application",
    "CreationDate": "created_at",
    "ModDate": "changed_at",
}
"""Of the document's information dictionary. ISO 32000-2, 14.3.3"""

_DATE = re.compile(r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'(\d\d)'?)?.*")
"""ISO 32000-2, 7.9.4: every part behind the year may be missing; such a date is shown as it is written."""


def describe(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return `pages`, `title`, `author`, `subject`, `application`, `created_at`, `changed_at`, the first page's
    `width` and `height` in points, a `preview` of its text, and a thumbnail of it.

    `encrypted` says that nothing else can be told without the password. `first_page_skipped` says that the first
    page can't be read within LIMIT bytes, or not at all.
    """
    return _described(source, first_page=True)


def describe_less(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return the same without the first page, which may be what takes all the memory and time."""
    return _described(source, first_page=False)


def _described(source: BinaryIO, *, first_page: bool) -> Described:
    reader = EndsEarly(source)
    try:
        document = pypdfium2.PdfDocument(reader)
    except pypdfium2.PdfiumError as fault:
        if fault.err_code == FPDF_ERR_PASSWORD:
            return Described({"encrypted": True})
        raise BadContentError(UNREADABLE_PDF) from fault
    with document:
        said = document.get_metadata_dict(skip_empty=True)
        facts: dict[str, Any] = {"pages": len(document)}
        facts |= {name: _dated(said[theirs]) for theirs, name in _FACTS.items() if theirs in said}
        if first_page:
            with suppress(pypdfium2.PdfiumError):
                shown, thumbnail = _first_page(document)
                if not reader.ended_early:  # PDFium draws what it could read: a page with holes
                    return Described({**facts, **shown}, thumbnail)
        return Described({**facts, "first_page_skipped": True})


def _dated(text: str) -> str:
    """Return a PDF's date as ISO 8601 has it, and any other text as it is."""
    written = _DATE.fullmatch(text)
    if written is None:
        return text
    year, month, day, hour, minute, second, zone_hours, zone_minutes = written.groups()
    zone = f"{zone_hours}:{zone_minutes}" if zone_hours else "Z" if "Z" in text else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{zone}"


def _first_page(document: pypdfium2.PdfDocument) -> tuple[dict[str, Any], bytes | None]:
    page = document[0]
    width, height = page.get_size()
    text = page.get_textpage()
    begin = text.get_text_range(0, min(text.count_chars(), 2 * PREVIEW))
    scale = THUMBNAIL_SIDE / max(width, height, 1)
    picture = page.render(scale=scale, may_draw_forms=False, limit_image_cache=True).to_pil()
    facts = {"width": round(width, 2), "height": round(height, 2), "preview": preview(begin.replace("\r\n", "\n"))}
    return facts, webp(picture)
