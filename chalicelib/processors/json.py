"""JSON and lines of JSON: whether it is valid, and of what shape.

Read as a stream of events, so neither size nor depth costs memory.
"""

import codecs
import io
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol

import ijson

from chalicelib.core.described import Described
from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.processors.shared.texts import Head, encoding_of, scaled

UNREADABLE = UNREADABLE_CONTENT

COUNTED = 16 * 1024 * 1024
"""Bytes that are parsed; two to three seconds' worth. In a larger file the rest is taken to be like them."""

LIMIT = COUNTED

MAX_KEYS = 50
"""Keys that are named; all are counted."""

_OPENING = {"start_map": "object", "start_array": "array"}
_CLOSING = {"end_map", "end_array"}


def describe(source: BinaryIO, size: int) -> Described:
    """Return `valid` (None in a file that is larger than COUNTED: so far it is), `problem` where it isn't,
    `documents` (more than one in lines of JSON), `depth`, `values`, and the first document's `type`; for an object
    its `keys` and `key_count`, for an array its `length` and, if its first item is an object, the `keys` of it.

    `length` and `values`, and of lines of JSON `documents`, are estimates in a larger file (`…_estimated`). Of
    what isn't valid, they count what comes before the fault.
    """
    shape, head = _Shape(), Head(source, COUNTED)
    problem = None
    try:
        for event, value in ijson.basic_parse(_utf_8(head, encoding_of(source, size)), multiple_values=True):
            shape.see(event, value)
    except (ijson.JSONError, ValueError) as fault:  # ValueError: a number of thousands of digits
        if size <= COUNTED or head.left > 0:  # otherwise it is only that reading ended
            problem = str(fault).removeprefix("b'").split("\n")[0].split("\\n")[0]
    return Described({**_facts(shape, size), "valid": _valid(problem, size), "problem": problem})


class Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


@dataclass(slots=True)
class _Shape:
    """What the events so far have told."""

    documents: int = 0
    depth: int = 0
    deepest: int = 0
    values: int = 0
    length: int = 0
    type: str | None = None
    key_count: int = 0
    keys: list[str] = field(default_factory=list)

    def see(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._key(value)
        elif event in _CLOSING:
            self.depth -= 1
        else:
            self._value(event)

    def _value(self, event: str) -> None:
        self.values += 1
        if self.depth == 0:
            self.documents += 1
            if self.documents == 1:
                self.type = _OPENING.get(event, event)
        elif self.depth == 1 and self.documents == 1 and self.type == "array":
            self.length += 1
        if event in _OPENING:
            self.depth += 1
            self.deepest = max(self.deepest, self.depth)

    def _key(self, key: str) -> None:
        of_first = self.documents == 1 and (
            self.depth == 1 or (self.depth == 2 and self.type == "array" and self.length == 1)
        )
        if of_first:
            self.key_count += 1
            if len(self.keys) < MAX_KEYS:
                self.keys.append(key[:100])


def _facts(shape: _Shape, size: int) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": shape.type, "depth": shape.deepest}
    counts = {"documents": shape.documents, "values": shape.values}
    if shape.type == "array":
        counts["length"] = shape.length
    for name, count in counts.items():
        whole = name != "values" and (name == "documents") != (shape.documents > 1)
        facts[name], facts[f"{name}_estimated"] = (count, False) if whole else scaled(count, size, COUNTED)
    if shape.key_count:
        facts |= {"keys": shape.keys, "key_count": shape.key_count}
    return facts


def _valid(problem: str | None, size: int) -> bool | None:
    if problem is not None:
        return False
    return True if size <= COUNTED else None


def _utf_8(head: Head, encoding: str) -> Readable:
    """The bytes as the parser takes them: RFC 8259 allows only UTF-8, without a byte order mark."""
    if encoding == "utf-8-sig":
        head.read(len(codecs.BOM_UTF8))
    elif encoding in {"utf-16", "utf-32"}:
        return _Recoded(io.TextIOWrapper(io.BufferedReader(head), encoding, errors="replace"))
    return head  # in any other encoding it isn't valid, which the parser tells


class _Recoded:
    """A text as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int, /) -> bytes:
        return self._text.read(size // 4).encode("utf-8", "replace")
