"""Facts of Office Open XML documents. ECMA-376."""

from collections.abc import Iterable
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from chalicelib.processors.office.counts import (
    MAX_DIGITS,
    WORD_TEXTS,
    are_outdated,
    count_words,
    list_children,
    list_sheets,
)
from chalicelib.processors.office.properties import DATES, read_properties
from chalicelib.processors.office.xml_parts import local_name, parse_part

_COUNTS = {"Pages": "pages", "Words": "words", "Slides": "slides"}
"""Elements of docProps/app.xml. ECMA-376, part 1, 22.2"""


def open_xml_facts(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    """Return the facts of a document.

    Programs that make documents from a template often leave the template's properties as they were. So words,
    slides and sheets are counted in the document where it is small enough, and properties that contradict it are
    left out.
    """
    app, core = parse_part(archive, "docProps/app.xml"), parse_part(archive, "docProps/core.xml")
    stated, counted = _stated_counts(app), _counts(archive, names)
    if _is_of_template(stated, counted):
        properties = {name: text for name, text in read_properties(core).items() if name not in DATES}
        stated = {}
    else:
        properties = read_properties(app) | read_properties(core)
        stated = {} if are_outdated(stated, counted) else stated
    facts: dict[str, Any] = {**properties, **{name: count or None for name, count in stated.items()}, **counted}
    if any(name.endswith("vbaProject.bin") for name in names):
        facts["macros"] = True
    return facts


def _stated_counts(app: Element) -> dict[str, int]:
    counts = ((_COUNTS.get(local_name(element.tag)), element.text or "") for element in app)
    return {name: int(text) for name, text in counts if name and text.isdecimal() and len(text) <= MAX_DIGITS}


def _counts(archive: ZipFile, names: frozenset[str]) -> dict[str, Any]:
    """Count in the document itself. What can't be counted isn't in the result."""
    if "word/document.xml" in names:
        words = count_words(archive, "word/document.xml", WORD_TEXTS)
        return {} if words is None else {"words": words}
    if "ppt/presentation.xml" in names:
        slides = list_children(archive, "ppt/presentation.xml", "sldIdLst", "sldId")
        return {"slides": len(slides) if slides else _count_parts(names, "ppt/slides/slide")}
    if "visio/pages/pages.xml" in names:
        pages = list_children(archive, "visio/pages/pages.xml", "Pages", "Page")
        return {} if pages is None else {"pages": len(pages)}
    sheets = [
        element.get("name", "")
        for element in parse_part(archive, "xl/workbook.xml").iter()
        if local_name(element.tag) == "sheet"
    ]
    if sheets:
        return list_sheets(sheets)
    binary_sheets = _count_parts(names, "xl/worksheets/sheet", ".bin")
    return {"sheets": binary_sheets} if binary_sheets else {}


def _count_parts(names: Iterable[str], begin: str, end: str = ".xml") -> int:
    return sum(name.startswith(begin) and name.endswith(end) for name in names)


def _is_of_template(stated: dict[str, int], counted: dict[str, Any]) -> bool:
    """Return whether the properties are of an empty document, and this one isn't."""
    return any(stated.get(name) == 0 and counted.get(name) for name in ("words", "slides"))
