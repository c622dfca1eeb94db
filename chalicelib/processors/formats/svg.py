"""SVG: its dimensions, read from its root element. Never rendered: a drawing may hold scripts and load files."""

import re
from typing import Any, BinaryIO
from xml.parsers import expat

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.core.processing.processor_result import ProcessorResult

UNREADABLE = UNREADABLE_IMAGE
LIMIT = 1024 * 1024

MAX_PARSED_BYTES = 256 * 1024
"""Bytes in which the root element has to begin. Expat lets entities expand to at most a hundred times as much, and
never loads anything. https://libexpat.github.io/doc/api/latest/#billion-laughs"""

_LENGTH = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*")


class _RootReached(Exception):  # noqa: N818  # leaves the parser; not an error
    pass


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `width` and `height` as numbers with `unit` (`px` by default), or neither if the drawing adapts to
    its surroundings, and `view_box` as its four numbers."""
    root: dict[str, str] = {}

    def start_element(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] != "svg":
            raise BadContentError(UNREADABLE_IMAGE)
        root.update(attributes)
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartElementHandler = start_element
    try:
        parser.Parse(source.read(MAX_PARSED_BYTES), False)
    except _RootReached:
        return ProcessorResult({"format": "SVG", **_dimensions(root)})
    except expat.ExpatError as error:
        raise BadContentError(UNREADABLE_IMAGE) from error
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
