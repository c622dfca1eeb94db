"""A document's properties: texts and dates by the names of XML elements."""

from xml.etree.ElementTree import Element

from chalicelib.processors.dates import is_real_date
from chalicelib.processors.office.xml_parts import local_name

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

DATES = ("created_at", "changed_at")


def read_properties(root: Element) -> dict[str, str]:
    """Return the first element of each name. Dates are as written there, and left out if they are none."""
    properties: dict[str, str] = {}
    for element in root.iter():
        name = _TEXTS.get(local_name(element.tag))
        text = (element.text or "").strip()
        if name and text and (name not in DATES or is_real_date(text)):
            properties.setdefault(name, text)
    return properties
