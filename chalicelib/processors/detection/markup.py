"""Detect HTML and XML, and the kind of XML by its first element."""

import re
from xml.parsers.expat import ExpatError, ParserCreate

_BEGINNING = re.compile(
    r"(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s++(?P<doctype>[\w:.-]++)[^>\[]*+(?:\[.*?\])?[^>]*+>)\s*)*+"
    r"(?:<(?P<root>[a-zA-Z_][\w.:-]*)[\s/>]|(?P<dtd><!(?:ELEMENT|ENTITY|ATTLIST)\s))?",
    re.DOTALL | re.IGNORECASE,
)
"""Instructions, comments, a document type, and the first element."""

_PAGES = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "iframe", "frameset", "base"}
)
"""Elements that only pages begin with."""

_FRAGMENTS = frozenset(
    {
        *(
            "a",
            "article",
            "b",
            "blockquote",
            "br",
            "center",
            "div",
            "em",
            "font",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
        ),
        *("h4", "header", "hr", "i", "img", "main", "nav", "ol", "p", "pre", "section", "span", "strong", "table"),
        "ul",
    }
)
"""Elements that a piece of a page begins with, and also a text in Markdown.
https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type has some of both."""

_MARKDOWN = re.compile(r"^(?:#{1,6} |```|~~~|[-*+] \S|\d{1,3}\. \S|.*\]\(|={3,}$|-{3,}$)", re.MULTILINE)

_ROOTS = {
    "COLLADA": "model/vnd.collada+xml",
    "feed": "application/atom+xml",
    "gpx": "application/gpx+xml",
    "kml": "application/vnd.google-earth.kml+xml",
    "math": "application/mathml+xml",
    "rss": "application/rss+xml",
    "svg": "image/svg+xml",
}
"""Types by the local name of the first element: RFC 4287, RFC 7303 and the specifications of the formats."""


def detect_markup(text: str, *, whole: bool) -> str | None:
    """Return the media type if the text, without leading white space, is HTML or XML.

    A text may hold a piece of either further down, so only the first element counts. Without an XML declaration,
    the text has to be well-formed.
    """
    beginning = _BEGINNING.match(text) if text.startswith("<") else None
    if beginning is None:
        return None
    declared = re.match(r"<\?xml[\s-]", text) is not None
    root, doctype = beginning["root"], (beginning["doctype"] or "").lower()
    if root is None:
        return _detect_without_root(text, declared, doctype, has_dtd=beginning["dtd"] is not None)
    name = root.rpartition(":")[2]
    if name.lower() == "html" or doctype == "html":
        return "application/xhtml+xml" if declared else "text/html"
    if name in _ROOTS and (declared or name == "svg" or _is_well_formed(text, whole)):
        return _ROOTS[name]
    if declared:
        return "application/xml"
    if name.lower() in _PAGES:
        return "text/html"
    if name.lower() in _FRAGMENTS:
        return "text/html" if _is_fragment(text, whole) else None
    return "application/xml" if _is_well_formed(text, whole) else None


def _detect_without_root(text: str, declared: bool, doctype: str, *, has_dtd: bool) -> str | None:
    """Return the type where a long comment or document type is all that was read, or nothing else is there."""
    if has_dtd:
        return "application/xml-dtd"
    if re.match(r"<!doctype\s+html\b", text, re.IGNORECASE) or doctype == "html":
        return "text/html"
    return "application/xml" if declared else None


def _is_fragment(text: str, whole: bool) -> bool:
    return _MARKDOWN.search(text) is None and (not whole or text.rstrip().endswith(">"))


def _is_well_formed(text: str, whole: bool) -> bool:
    """Return whether the text is XML or, unless it is whole, the beginning of XML."""
    if "<!ENTITY" in text:
        return False  # nothing is expanded here; XML has a declaration where it has entities
    parser = ParserCreate("utf-8")
    try:
        parser.Parse(text.rstrip("\ufffd").encode("utf-8", "replace"), whole)
    except ExpatError:
        return False
    return True
