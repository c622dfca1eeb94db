"""Facts of OpenDocument files. OpenDocument 1.3, part 3."""

from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from chalicelib.processors.office.counts import (
    MAX_DIGITS,
    OPEN_DOCUMENT_TEXTS,
    are_outdated,
    count_words,
    list_children,
    list_sheets,
)
from chalicelib.processors.office.properties import read_properties
from chalicelib.processors.office.xml_parts import local_name, parse_part

_STATISTICS = {"page-count": "pages", "word-count": "words"}
"""Attributes of meta:document-statistic, 4.3.2.18"""

_CONTENT = "content.xml"


def open_document_facts(archive: ZipFile, names: frozenset[str], kind: str) -> dict[str, Any]:
    """Return the facts of a document of a kind: `text`, `spreadsheet`, `presentation` or another."""
    meta = parse_part(archive, "meta.xml")
    stated, counted = _stated_counts(meta), _counts(archive, kind.partition("-")[0])
    if are_outdated(stated, counted):
        stated = {}
    facts = {**read_properties(meta), **{name: count or None for name, count in stated.items()}, **counted}
    if any(name.startswith("Basic/") for name in names):
        facts["macros"] = True
    if not counted and _is_encrypted(archive):
        facts["encrypted"] = True
    return facts


def _is_encrypted(archive: ZipFile) -> bool:
    """Return whether a password is needed. OpenDocument 1.3, part 2, 4.4"""
    manifest = parse_part(archive, "META-INF/manifest.xml")
    return any(local_name(element.tag) == "encryption-data" for element in manifest.iter())


def _stated_counts(meta: Element) -> dict[str, int]:
    attributes = [
        (_STATISTICS.get(local_name(attribute)), value)
        for element in meta.iter()
        if local_name(element.tag) == "document-statistic"
        for attribute, value in element.attrib.items()
    ]
    return {
        name: int(value) for name, value in attributes if name and value.isdecimal() and len(value) <= MAX_DIGITS
    }


def _counts(archive: ZipFile, kind: str) -> dict[str, Any]:
    if kind == "text":
        words = count_words(archive, _CONTENT, OPEN_DOCUMENT_TEXTS)
        return {} if words is None else {"words": words}
    if kind == "spreadsheet":
        tables = list_children(archive, _CONTENT, "spreadsheet", "table")
        return {} if tables is None else list_sheets([table.get("name", "") for table in tables])
    if kind in {"presentation", "graphics"}:
        pages = list_children(archive, _CONTENT, _BODIES[kind], "page")
        return {} if pages is None else {"slides" if kind == "presentation" else "pages": len(pages)}
    return {}


_BODIES = {"presentation": "presentation", "graphics": "drawing"}
"""The names of the elements that contain the pages, 3.4 and 3.8"""
