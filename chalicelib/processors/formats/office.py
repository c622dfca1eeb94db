"""Office documents and e-books: their metadata, and counts of words, slides and sheets."""

from typing import Any, BinaryIO
from zipfile import ZipFile

from chalicelib.core.errors import UNREADABLE_DOCUMENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.archives.zip import MAX_FETCHED, open_zip
from chalicelib.processors.office.compound import compound_facts
from chalicelib.processors.office.open_document import open_document_facts
from chalicelib.processors.office.open_xml import open_xml_facts
from chalicelib.processors.office.properties import read_properties
from chalicelib.processors.office.xml_parts import local_name, parse_part
from chalicelib.processors.structures.ole import open_ole

UNREADABLE = UNREADABLE_DOCUMENT
LIMIT = MAX_FETCHED

_CONTAINER = "META-INF/container.xml"
"""Names an EPUB's package document. EPUB 3.3, 4.2.6.3.1"""

_EPUB = "application/epub+zip"
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_COMPOUND_FILES = frozenset(
    {
        *("application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
        *("application/vnd.visio", "application/vnd.ms-publisher", "application/vnd.ms-project"),
    }
)


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return the document's metadata: `title`, `author`, `subject`, `language`, `created_at`, `changed_at` (as
    written there), `published_at` of a book, `application`, `pages`, `words`, `slides`, `sheets`, `sheet_names`,
    `chapters`, `encrypted`, and `macros` if it contains any. A damaged part is skipped; of a damaged file of the
    time before 2007 there is only `damaged`."""
    if media_type in _COMPOUND_FILES:
        ole = open_ole(source)
        return ProcessorResult(compound_facts(ole) if ole else {"damaged": True})
    with open_zip(source, size) as archive:
        names = frozenset(archive.namelist())
        if media_type == _EPUB:
            return ProcessorResult(_epub_facts(archive))
        if media_type.startswith(_OPEN_DOCUMENT):
            kind = media_type.removeprefix(_OPEN_DOCUMENT)
            return ProcessorResult(open_document_facts(archive, names, kind))
        return ProcessorResult(open_xml_facts(archive, names))


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `incomplete`: reading the metadata exceeds the limits."""
    return ProcessorResult({"incomplete": True})


def _epub_facts(archive: ZipFile) -> dict[str, Any]:
    roots = [
        element for element in parse_part(archive, _CONTAINER).iter() if local_name(element.tag) == "rootfile"
    ]
    package = parse_part(archive, roots[0].get("full-path", "") if roots else "")
    chapters = sum(local_name(element.tag) == "itemref" for element in package.iter())
    properties = read_properties(package)
    published_at = properties.pop("changed_at", None)  # Dublin Core's `date` is OpenDocument's change
    return {**properties, "published_at": published_at, "chapters": chapters or None}
