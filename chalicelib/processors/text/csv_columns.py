"""The types of a table's cells and columns, and whether its first row names them."""

import re

from msgspec import Struct

_TYPE = re.compile(
    r"""
    (?P<integer> [+-]?[0-9]{1,18} )
    | (?P<number> [+-]? (?: [0-9]{1,18} (?:[.,][0-9]{0,18})? | [.][0-9]{1,18} ) (?:[eE][+-]?[0-9]{1,3})? )
    | (?P<boolean> (?i: true|false|yes|no ) )
    | (?P<date> [0-9]{4}-[0-9]{2}-[0-9]{2} )
    | (?P<datetime>
        [0-9]{4}-[0-9]{2}-[0-9]{2} [T\ ] [0-9]{2}:[0-9]{2}
        (?: :[0-9]{2} (?:\.[0-9]{1,9})? )?
        (?: \ ?Z | [+-][0-9:]{2,5} )?
    )
    """,
    re.VERBOSE,
)
"""The first that matches all of a cell is its type. Only ISO 8601 dates are recognized: in other formats, day and
month are ambiguous."""

_YEAR = re.compile(r"(19|20)[0-9]{2}")


class Header(Struct, frozen=True):
    """Whether the first row names the columns."""

    exists: bool
    guessed: bool
    """Nothing in the rows below contradicts the opposite."""


def type_of(cell: str) -> str:
    """Return the type of a cell without white space around it."""
    if not cell:
        return "empty"
    match = _TYPE.fullmatch(cell)
    return match.lastgroup or "text" if match else "text"


def merge_types(types: set[str]) -> str:
    """Return the type of a column whose cells have these types."""
    types = types - {"empty"}
    if not types:
        return "empty"
    if len(types) == 1:
        return types.pop()
    return "number" if types == {"integer", "number"} else "text"


def detect_header(first_row: list[str], types_below: list[set[str]]) -> Header:
    """Return whether the first row names the columns, given the types of the cells below it.

    Texts above numbers or dates are names. Texts above texts, or above nothing, are taken for names if they differ
    from each other, and so are years in order: these are guesses.
    """
    types = [type_of(name) for name in first_row]
    texts, empty = types.count("text"), types.count("empty")
    differ = len(set(first_row)) == len(first_row)
    above_values = any(
        kind == "text" and merge_types(below) not in {"text", "empty"}
        for kind, below in zip(types, types_below, strict=False)
    )
    if texts and texts + empty == len(types):
        if above_values:
            return Header(exists=True, guessed=False)
        return Header(exists=differ and texts == len(types), guessed=True)
    years = [name for name in first_row if _YEAR.fullmatch(name)]
    if years and texts + empty + len(years) == len(types) and len(types) > 1 and types_below:
        in_order = years in (sorted(years), sorted(years, reverse=True))
        return Header(exists=in_order and differ, guessed=True)
    return Header(exists=False, guessed=False)
