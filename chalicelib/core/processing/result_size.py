"""Trim a processor's facts that are too large: Lambda's responses have a limit (6 MB)."""

import json
from typing import Any

MAX_RESULT_BYTES = 128 * 1024
"""Of the facts as JSON. Far more than those of a table with 100 columns; a hostile file may have more."""

TRIMMED = "trimmed"
"""The name of the fact which says that others were shortened."""

_STEPS = ((1000, 100), (250, 30), (100, 10))
"""How many characters of a text and how many items of a list or a mapping are kept, from one try to the next."""

_SHORT = 100
"""Characters of a text that is kept in any case."""


def trim_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts if they fit into MAX_RESULT_BYTES, otherwise with texts, lists and mappings cut, and marked
    with `trimmed`. The names of facts stay, and single numbers and short texts among them in any case."""
    if _fits(facts):
        return facts
    for characters, items in _STEPS:
        cut = {name: _cut(fact, characters, items) for name, fact in facts.items()} | {TRIMMED: True}
        if _fits(cut):
            return cut
    short = {name: fact for name, fact in facts.items() if len(_encode(fact)) <= _SHORT} | {TRIMMED: True}
    return short if _fits(short) else {TRIMMED: True}


def _cut(fact: Any, characters: int, items: int) -> Any:
    if isinstance(fact, str):
        return fact[:characters]
    if isinstance(fact, list):
        return [_cut(item, characters, items) for item in fact[:items]]
    if isinstance(fact, dict):
        return {name[:characters]: _cut(value, characters, items) for name, value in list(fact.items())[:items]}
    return fact


def _fits(facts: dict[str, Any]) -> bool:
    return len(_encode(facts)) <= MAX_RESULT_BYTES


def _encode(fact: Any) -> bytes:
    return json.dumps(fact, ensure_ascii=False, separators=(",", ":")).encode()
