"""PDF: pages, metadata, the beginning of its text, and a thumbnail of the first page, by PDFium."""

import ctypes
import logging
import re
from contextlib import suppress
from typing import Any, BinaryIO

import pypdfium2
from pypdfium2.raw import FORMTYPE_ACRO_FORM, FORMTYPE_XFA_FOREGROUND, FPDF_ERR_PASSWORD, FPDF_GetMetaText

from chalicelib.core.errors import UNREADABLE_PDF, BadContentError
from chalicelib.core.processing.processor_result import THUMBNAIL_SIDE, ProcessorResult
from chalicelib.core.streams.truncating_reader import TruncatingReader
from chalicelib.processors.dates import is_real_date
from chalicelib.processors.imaging.thumbnails import encode_thumbnail
from chalicelib.processors.text.decoding import PREVIEW, make_preview

UNREADABLE = UNREADABLE_PDF
LIMIT = 1536 * 1024

MAX_WITH_FORM = 16 * 1024 * 1024
"""Bytes of a file whose form is drawn: PDFium reads all of its fields for that, on whatever page they are."""

_FORMS = {FORMTYPE_ACRO_FORM, FORMTYPE_XFA_FOREGROUND}
"""Form types whose fields have appearances. Scripts in them are ignored: the wheels' PDFium has no V8."""

_TEXTS = {"Title": "title", "Author": "author", "Subject": "subject", "Creator": "application"}
_DATES = {"CreationDate": "created_at", "ModDate": "changed_at"}
"""Facts by their keys in the document's information dictionary. ISO 32000-2, 14.3.3"""

_DATE = re.compile(
    r"(?:D:)?(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?)?)?"
    r"(?:(Z)(?:00'?00'?)?|([+-])(\d\d?)'?(?:(\d\d)'?)?)?(?!\d).*",
    re.ASCII | re.DOTALL,
)
"""ISO 32000-2, 7.9.4: every part after the year may be missing. Programs also leave out `D:` and the first zero
of the offset."""

_LINEARIZED = re.compile(rb"/Linearized\b[^>]*?/N\s*(\d+)")
_LINEARIZED_WITHIN = 1024
"""A document made to be shown while it is downloaded says in so many bytes how many pages it has. ISO 32000-2,
F.3.3"""

# It advises to build another PDFium for each form in XFA.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `pages`, `title`, `author`, `subject`, `application`, `created_at`, `changed_at`, the first page's
    `width` and `height` in points, a `preview` of its text, and a thumbnail of it.

    `encrypted` says that the rest can't be read without the password, `incomplete` that the table of all objects
    can't be read within LIMIT bytes, and `first_page_skipped` that the first page can't, or not at all.
    """
    return _describe(source, first_page=True, form=size <= MAX_WITH_FORM)


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return the same without the first page, which may be what takes all the memory and time."""
    return _describe(source, first_page=False, form=False)


def _describe(source: BinaryIO, *, first_page: bool, form: bool) -> ProcessorResult:
    reader = TruncatingReader(source)
    linearized = _LINEARIZED.search(reader.read(_LINEARIZED_WITHIN))
    try:
        document = pypdfium2.PdfDocument(reader)
    except pypdfium2.PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            return ProcessorResult({"encrypted": True})
        if reader.truncated:  # the table of more than 60,000 objects is longer, and the rest may be sound
            return ProcessorResult({"pages": int(linearized[1]) if linearized else None, "incomplete": True})
        raise BadContentError(UNREADABLE_PDF) from error
    with document:
        if form and document.get_formtype() in _FORMS:
            document.init_forms()  # has to precede any other call
        facts = {"pages": len(document), **_read_metadata(document)}
        if reader.truncated:
            return ProcessorResult({**facts, "pages": facts["pages"] or None, "incomplete": True})
        if first_page:
            with suppress(pypdfium2.PdfiumError):
                page_facts, thumbnail = _first_page(document)
                if not reader.truncated:  # PDFium draws what it could read: a page with holes
                    return ProcessorResult({**facts, **page_facts}, thumbnail)
        return ProcessorResult({**facts, "first_page_skipped": True})


def _read_metadata(document: pypdfium2.PdfDocument) -> dict[str, Any]:
    texts = {name: _clean_text(_metadata_value(document, key)) for key, name in _TEXTS.items()}
    dates = {name: _iso_date(_metadata_value(document, key)) for key, name in _DATES.items()}
    return {name: value for name, value in {**texts, **dates}.items() if value}


def _metadata_value(document: pypdfium2.PdfDocument, key: str) -> str:
    """Return a value of the information dictionary, empty if it is missing. PDFium decodes PDFDocEncoding, UTF-16
    and UTF-8; pypdfium2's own method raises an exception at half of a surrogate pair."""
    buffer = ctypes.create_string_buffer(FPDF_GetMetaText(document, key.encode(), None, 0))
    FPDF_GetMetaText(document, key.encode(), buffer, len(buffer))
    return buffer.raw[:-2].decode("utf-16-le", "replace")


def _clean_text(text: str) -> str:
    """Return the text without control characters: programs end it with the zeros of their buffer."""
    return "".join(char for char in text if char.isprintable() or char.isspace()).strip()


def _iso_date(text: str) -> str | None:
    """Return a PDF's date in ISO 8601, as exact as it is written, or None if it isn't a date. An impossible offset
    is left out. Some programs write ISO 8601."""
    text = text.strip(" \0")
    if is_real_date(text):
        return text
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, utc, sign, zone_hours, zone_minutes = match.groups()
    date = "-".join(filter(None, (year, month, day)))
    if hour:
        date += f"T{hour}:{minute or '00'}" + (f":{second}" if second else "")
    zone = f"{sign}{zone_hours:0>2}:{zone_minutes or '00'}" if sign else "Z" if utc else ""
    dated = date + zone if hour else date
    return dated if is_real_date(dated) else date if is_real_date(date) else None


def _first_page(document: pypdfium2.PdfDocument) -> tuple[dict[str, Any], bytes | None]:
    page = document[0]
    width, height = page.get_size()
    text_page = page.get_textpage()
    text = text_page.get_text_range(0, min(text_page.count_chars(), 2 * PREVIEW))
    scale = THUMBNAIL_SIDE / max(width, height, 1)
    image = page.render(scale=scale, limit_image_cache=True).to_pil()
    facts = {
        "width": round(width, 2),
        "height": round(height, 2),
        "preview": make_preview(text.replace("\r\n", "\n")),
    }
    return facts, encode_thumbnail(image)
