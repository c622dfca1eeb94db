"""SVG: its dimensions, read from its first element. Never rendered: a drawing may hold scripts and load files."""

import re
from typing import Any, BinaryIO
from xml.parsers import expat

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.core.processing.processor_result import Described

UNREADABLE = UNREADABLE_IMAGE
LIMIT = 1024 * 1024

HEAD = 256 * 1024
"""Bytes in which the first element has to begin. Expat lets entities make at most a hundred times as much of them,
and never loads anything. https://libexpat.github.io/doc/api/latest/#billion-laughs"""

_LENGTH = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*")


class _RootSeen(Exception):  # noqa: N818  # leaves the parser, and is no error
    pass


def describe(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return `width` and `height` as numbers with `unit` (`px` where none is said), or neither where the drawing
    fits itself to its surroundings, and `view_box` as its four numbers."""
    root: dict[str, str] = {}

    def begin(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "svg":
            raise BadContentError(UNREADABLE_IMAGE)
        root.update(attributes)
        raise _RootSeen

    parser = expat.ParserCreate()
    parser.StartElementHandler = begin
    try:
        parser.Parse(source.read(HEAD), False)
    except _RootSeen:
        return Described({"format": "SVG", **_dimensions(root)})
    except expat.ExpatError as fault:
        raise BadContentError(UNREADABLE_IMAGE) from fault
    raise BadContentError(UNREADABLE_IMAGE)


def _dimensions(root: dict[str, str]) -> dict[str, Any]:
    width, height = _LENGTH.fullmatch(root.get("width", "")), _LENGTH.fullmatch(root.get("height", ""))
    facts: dict[str, Any] = {"view_box": _view_box(root.get("viewBox", ""))}
    if width and height and width[2] == height[2]:
        facts |= {"width": float(width[1]), "height": float(height[1]), "unit": width[2] or "px"}
    return facts


def _view_box(text: str) -> list[float] | None:
    try:
        numbers = [float(number) for number in text[:200].replace(",", " ").split()]
    except ValueError:
        return None
    return numbers if len(numbers) == 4 else None
