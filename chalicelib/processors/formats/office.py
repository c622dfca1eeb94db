"""Office documents and e-books: what they say of themselves. OOXML, OpenDocument and EPUB are zips of XML."""

from typing import Any, BinaryIO
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from chalicelib.core.errors import UNREADABLE_DOCUMENT
from chalicelib.core.processing.processor_result import Described
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
"""Elements of Dublin Core, docProps and meta.xml by their local names, and what they are called here."""

_COUNTS = {"Pages": "pages", "Words": "words", "Slides": "slides"}
"""Of docProps/app.xml. ECMA-376, part 1, 22.2"""

_STATISTICS = {"page-count": "pages", "word-count": "words", "table-count": "sheets"}
"""Attributes of meta:document-statistic. OpenDocument 1.3, part 3, 4.3.2.18"""

_CONTAINER = "META-INF/container.xml"


def describe(source: BinaryIO, size: int) -> Described:
    """Return what the document says: `title`, `author`, `subject`, `language`, `created_at`, `changed_at` (as
    written there), `application`, `pages`, `words`, `slides`, `sheets`, `sheet_names`, `chapters`, and `macros`
    where it holds any. A damaged part tells nothing, and the others still do."""
    with open_zip(source, size) as archive:
        names = frozenset(archive.namelist())
        if _CONTAINER in names:
            return Described(_book(archive))
        if "meta.xml" in names:
            return Described(_open_document(archive, names))
        return Described(_office_open(archive, names))


def describe_less(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes both
    """Return `incomplete`: what the document says of itself takes too much to read."""
    return Described({"incomplete": True})


def _office_open(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    core, app = _xml(archive, "docProps/core.xml"), _xml(archive, "docProps/app.xml")
    facts: dict[str, Any] = {**_texts(app), **_texts(core)}
    for element in app:
        if (count := _COUNTS.get(_local(element.tag))) and (element.text or "").isdecimal():
            facts[count] = int(element.text or 0)
    slides = sum(name.startswith("ppt/slides/slide") and name.endswith(".xml") for name in names)
    sheets = [
        element.get("name", "")
        for element in _xml(archive, "xl/workbook.xml").iter()
        if _local(element.tag) == "sheet"
    ]
    if slides:
        facts["slides"] = slides
    if sheets:
        facts |= {"sheets": len(sheets), "sheet_names": sheets[:MAX_SHEETS]}
    if any(name.endswith("vbaProject.bin") for name in names):
        facts["macros"] = True
    return facts


def _open_document(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    meta = _xml(archive, "meta.xml")
    facts: dict[str, Any] = _texts(meta)
    for element in meta.iter():
        if _local(element.tag) == "document-statistic":
            for attribute, value in element.attrib.items():
                if (count := _STATISTICS.get(_local(attribute))) and value.isdecimal():
                    facts[count] = int(value)
    if any(name.startswith("Basic/") for name in names):
        facts["macros"] = True
    return facts


def _book(archive: ZipFile) -> dict[str, Any]:
    roots = [element for element in _xml(archive, _CONTAINER).iter() if _local(element.tag) == "rootfile"]
    package = _xml(archive, roots[0].get("full-path", "") if roots else "")
    chapters = sum(_local(element.tag) == "itemref" for element in package.iter())
    return {**_texts(package), "chapters": chapters or None}


def _texts(root: Element) -> dict[str, str]:
    """Return the first of each text."""
    found: dict[str, str] = {}
    for element in root.iter():
        name = _TEXTS.get(_local(element.tag))
        if name and (text := (element.text or "").strip()):
            found.setdefault(name, text)
    return found


def _xml(archive: ZipFile, name: str) -> Element:
    """Return a part's root; an empty element where the part isn't there or is damaged."""
    data = read_part(archive, name)
    try:
        root: Element = fromstring(data or b"<none/>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # an encoding that nobody knows
        return Element("none")
    return root


def _local(tag: object) -> str:
    """Return a name without its namespace."""
    return str(tag).rpartition("}")[2]
