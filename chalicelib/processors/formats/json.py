"""JSON and lines of JSON: whether it is valid, and of what shape.

Read as a stream of events, so neither size nor depth costs memory.
"""

import codecs
import io
import re
from dataclasses import dataclass, field
from decimal import Context, localcontext
from typing import Any, BinaryIO, Protocol

import ijson

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.text.decoding import Head, encoding_of, scaled

UNREADABLE = UNREADABLE_CONTENT

COUNTED = 16 * 1024 * 1024
"""Bytes that are parsed; two to three seconds' worth. In a larger file the rest is taken to be like them."""

LIMIT = COUNTED

MAX_KEYS = 50
"""Keys that are named; all are counted."""

_DIGITS = 500
_LONG_NUMBER = re.compile(rb"(?<![0-9])([0-9]{%d})[0-9]+" % _DIGITS)

_OPENING = {"start_map": "object", "start_array": "array"}
_CLOSING = {"end_map", "end_array"}


def describe(source: BinaryIO, size: int) -> Described:
    """Return `valid` (None in a file that is larger than COUNTED: so far it is), `problem` where it isn't,
    `documents` (more than one in lines of JSON), `depth`, `values`, and the first document's `type`; for an object
    its `keys` and `key_count`, for an array its `length` and, if its first item is an object, the `keys` of it.

    In a larger file, the counts of what goes on behind COUNTED are estimates (`…_estimated`), except for two:
    `depth` is at least so much, and `key_count` is None, as objects seldom go on as they begin. Of what isn't
    valid, all of them count what comes before the fault.
    """
    encoding = encoding_of(source, size)
    shape, text = _Shape(), _ShortNumbers(_utf_8(Head(source, COUNTED), encoding))
    problem = None
    try:
        with localcontext(Context(traps=[])):  # an exponent that is too large for a Decimal is JSON nevertheless
            for event, value in ijson.basic_parse(text, multiple_values=True):
                shape.see(event, value)
    except (ijson.JSONError, UnicodeDecodeError) as fault:
        if size <= COUNTED or not text.ended:  # otherwise it is only that reading ended
            problem = str(fault).removeprefix("b'").split("\n")[0].split("\\n")[0]
    facts = _facts(shape, size, cut=size > COUNTED and problem is None)
    return Described({**facts, "valid": _valid(problem, size), "problem": problem})


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


def _facts(shape: _Shape, size: int, *, cut: bool) -> dict[str, Any]:
    """`cut` says that more follows behind what was read."""
    if cut and shape.documents == 0:  # a text or white space without an end
        return {}
    first_ended = shape.documents > 1 or shape.depth == 0
    item_ended = first_ended or (shape.type == "array" and (shape.length > 1 or shape.depth == 1))
    counts = {"values": (shape.values, cut), "documents": (shape.documents, cut)}
    if shape.type == "array":
        counts["length"] = (shape.length, cut and not first_ended)
    facts: dict[str, Any] = {"type": shape.type, "depth": shape.deepest, "depth_estimated": cut}
    for name, (count, estimated) in counts.items():
        grows = estimated and (name, count) != ("documents", 1)
        facts[name] = scaled(count, size, COUNTED)[0] if grows else count
        facts[f"{name}_estimated"] = estimated
    if shape.keys:
        facts |= {"keys": shape.keys, "key_count": shape.key_count if item_ended or not cut else None}
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


class _ShortNumbers:
    """The same JSON, with numbers of at most _DIGITS digits; `ended` once all of it was read.

    ijson converts each number, which takes long, and its 3.6.0 crashes the process where Python refuses so long an
    integer. What is valid remains so, and a key begins as before.
    """

    def __init__(self, source: Readable) -> None:
        self._source, self._held = source, b""
        self.ended = False

    def read(self, size: int, /) -> bytes:
        while data := self._source.read(size):
            shortened = _LONG_NUMBER.sub(rb"\1", self._held + data)
            told = shortened.rstrip(b"0123456789")
            self._held = shortened[len(told) :]  # more digits may follow
            if told:
                return told
        last, self._held = self._held, b""
        self.ended = size > 0 and not last  # ijson reads nothing to see that it gets bytes
        return last


class _Recoded:
    """A text as UTF-8."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text

    def read(self, size: int, /) -> bytes:
        return self._text.read(size // 4).encode("utf-8", "replace")
