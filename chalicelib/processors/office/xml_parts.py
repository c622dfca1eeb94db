"""Read the XML parts of a document: small ones as trees, larger ones element by element."""

from collections.abc import Callable
from xml.etree.ElementTree import Element
from xml.parsers import expat
from zipfile import ZipFile

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from chalicelib.processors.archives.zip import read_part

MAX_SCANNED = 8 * 1024 * 1024
"""Bytes of a part that is scanned: the text of some hundreds of pages. Of a longer one nothing is counted."""


def parse_part(archive: ZipFile, name: str) -> Element:
    """Return a part's root; an empty element if the part is missing or damaged."""
    data = read_part(archive, name)
    try:
        root: Element = fromstring(data or b"<none/>", forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an unknown encoding
        return Element("none")
    return root


def local_name(tag: object) -> str:
    """Return a name without its namespace."""
    return str(tag).rpartition("}")[2]


def scan_part(
    archive: ZipFile,
    name: str,
    *,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> bool:
    """Call functions for the elements and texts of a part, and return whether all of it was read.

    Names are without their prefix, which is up to the program that writes them. A part with a document type is
    refused: only there are entities declared.
    """
    data = read_part(archive, name, MAX_SCANNED + 1)
    if data is None or len(data) > MAX_SCANNED:
        return False
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(_without_prefix(tag), attributes)
    if end is not None:
        parser.EndElementHandler = lambda tag: end(_without_prefix(tag))
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, DefusedXmlException, LookupError, ValueError):
        return False
    return True


def _without_prefix(name: str) -> str:
    return name.rpartition(":")[2]


def _refuse_doctype(*_: object) -> None:
    raise DefusedXmlException
