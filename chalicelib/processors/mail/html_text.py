"""Extract the text of an HTML page.

The standard library's parser takes time that grows with the square of a page's broken tags, and some make it raise
an AssertionError. This takes one pass over any page.
"""

import html
import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(?P<skipped>script|style|title|template)\b.*?(?:</(?P=skipped)\s*>|\Z)"
    r"|</?(?P<element>[a-z][a-z0-9]*)[^>]*(?:>|\Z)"
    r"|<[!?/][^>]*(?:>|\Z)"
    r"|(?P<text>[^<]+|<)",
    re.DOTALL | re.IGNORECASE,
)
"""A comment, an element whose contents aren't shown, a tag, a declaration, or text. An unclosed one
ends with the page, so that none is looked for twice."""

_INLINE = frozenset(
    {
        *(
            "a",
            "abbr",
            "b",
            "bdi",
            "bdo",
            "big",
            "cite",
            "code",
            "em",
            "font",
            "i",
            "img",
            "kbd",
            "mark",
            "q",
            "s",
        ),
        *("samp", "small", "span", "strong", "sub", "sup", "u"),
    }
)
"""Elements that don't begin a line."""


def extract_text(page: str) -> str:
    """Return what a reader of the page sees, one line for each block of it."""
    lines = (" ".join(line.split()) for line in "".join(_pieces(page)).split("\n"))
    return "\n".join(line for line in lines if line)


def _pieces(page: str) -> Iterator[str]:
    for token in _TOKEN.finditer(page):
        if text := token["text"]:
            yield _unescape(" ".join(text.split("\n")))
        elif (element := token["element"]) and element.lower() not in _INLINE:
            yield "\n"


def _unescape(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a number of thousands of digits
        return text
