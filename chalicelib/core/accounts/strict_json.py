"""JSON that every parser reads alike.

Of two members with the same name, one parser takes the first, another one the last: what is checked would not be
what is used. https://www.rfc-editor.org/rfc/rfc8259#section-4
"""

import json
from typing import Any, NoReturn


def parse_object(document: bytes) -> dict[str, Any]:
    """Return the JSON object in the bytes.

    Raises ValueError for anything else: other encodings than UTF-8, a name that is there twice at any depth, NaN,
    numbers and nesting beyond what Python reads.
    """
    try:
        value = json.loads(
            document.decode(), object_pairs_hook=_refuse_duplicate_names, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004  # of the text, not of an argument
    return value


def _refuse_duplicate_names(members: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(members)
    if len(result) < len(members):
        raise ValueError("a name is there twice")
    return result


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")
