"""Office documents and e-books: their metadata. OOXML, OpenDocument and EPUB are zips of XML."""

from typing import Any, BinaryIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from chalicelib.core.errors import UNREADABLE_DOCUMENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.archives.zip import MAX_FETCHED, open_zip, read_part

UNREADABLE = UNREADABLE_DOCUMENT
LIMIT = MAX_FETCHED

MAX_SHEETS = 100
"""Sheets that are named; all are counted."""

_TEXTS = {
    "title": "title",
    "creator": "author",
    "subject": "subject",
    "language": "language",
    "created": "created_at",
    "modified": "changed_at",
    "creation-date": "created_at",
    "date": "changed_at",
    "Application": "application",
    "generator": "application",
}
"""Facts by the local names of elements of Dublin Core, docProps and meta.xml."""

_COUNTS = {"Pages": "pages", "Words": "words", "Slides": "slides"}
"""Elements of docProps/app.xml. ECMA-376, part 1, 22.2"""

_STATISTICS = {"page-count": "pages", "word-count": "words", "table-count": "sheets"}
"""Attributes of meta:document-statistic. OpenDocument 1.3, part 3, 4.3.2.18"""

_CONTAINER = "META-INF/container.xml"
"""Names an EPUB's package document. EPUB 3.3, 4.2.6.3.1"""

_EPUB = "application/epub+zip"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return the document's metadata: `title`, `author`, `subject`, `language`, `created_at`, `changed_at` (as
    written there), `application`, `pages`, `words`, `slides`, `sheets`, `sheet_names`, `chapters`, and `macros`
    if it contains any. A damaged part is skipped."""
    with open_zip(source, size) as archive:
        names = frozenset(archive.namelist())
        if media_type == _EPUB:
            return ProcessorResult(_epub_facts(archive))
        if media_type.startswith(_OPEN_DOCUMENT):
            return ProcessorResult(_open_document_facts(archive, names))
        return ProcessorResult(_office_open_xml_facts(archive, names))


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `incomplete`: reading the metadata exceeds the limits."""
    return ProcessorResult({"incomplete": True})


def _office_open_xml_facts(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    core, app = _parse_part(archive, "docProps/core.xml"), _parse_part(archive, "docProps/app.xml")
    facts: dict[str, Any] = {**_texts(app), **_texts(core)}
    for element in app:
        if (count := _COUNTS.get(_local_name(element.tag))) and (element.text or "").isdecimal():
            facts[count] = int(element.text or 0)
    slides = sum(name.startswith("ppt/slides/slide") and name.endswith(".xml") for name in names)
    sheets = [
        element.get("name", "")
        for element in _parse_part(archive, "xl/workbook.xml").iter()
        if _local_name(element.tag) == "sheet"
    ]
    if slides:
        facts["slides"] = slides
    if sheets:
        facts |= {"sheets": len(sheets), "sheet_names": sheets[:MAX_SHEETS]}
    if any(name.endswith("vbaProject.bin") for name in names):
        facts["macros"] = True
    return facts


def _open_document_facts(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    meta = _parse_part(archive, "meta.xml")
    facts: dict[str, Any] = _texts(meta)
    for element in meta.iter():
        if _local_name(element.tag) == "document-statistic":
            for attribute, value in element.attrib.items():
                if (count := _STATISTICS.get(_local_name(attribute))) and value.isdecimal():
                    facts[count] = int(value)
    if any(name.startswith("Basic/") for name in names):
        facts["macros"] = True
    return facts


def _epub_facts(archive: ZipFile) -> dict[str, Any]:
    roots = [
        element for element in _parse_part(archive, _CONTAINER).iter() if _local_name(element.tag) == "rootfile"
    ]
    package = _parse_part(archive, roots[0].get("full-path", "") if roots else "")
    chapters = sum(_local_name(element.tag) == "itemref" for element in package.iter())
    return {**_texts(package), "chapters": chapters or None}


def _texts(root: Element) -> dict[str, str]:
    """Return the first element of each name."""
    texts: dict[str, str] = {}
    for element in root.iter():
        name = _TEXTS.get(_local_name(element.tag))
        if name and (text := (element.text or "").strip()):
            texts.setdefault(name, text)
    return texts


def _parse_part(archive: ZipFile, name: str) -> Element:
    """Return a part's root; an empty element if the part is missing or damaged."""
    data = read_part(archive, name)
    try:
        root: Element = fromstring(data or b"<none/>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an unknown encoding
        return Element("none")
    return root


def _local_name(tag: object) -> str:
    """Return a name without its namespace."""
    return str(tag).rpartition("}")[2]
