"""JSON and JSON lines: whether it is valid, its type, keys and depth.

It is parsed as a stream of events, so neither size nor depth costs memory.
"""

import re
from decimal import Context, localcontext
from typing import Any, BinaryIO

import ijson
from msgspec import Struct, field

from chalicelib.core.errors import UNREADABLE_CONTENT
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.core.streams.limited_reader import LimitedReader
from chalicelib.core.streams.reader import Reader
from chalicelib.processors.text.encoding import encoding_of_bom
from chalicelib.processors.text.limits import extrapolate
from chalicelib.processors.text.unmarked_unicode import detect_unmarked_unicode
from chalicelib.processors.text.utf_8_reader import PIECE, Utf8Reader

UNREADABLE = UNREADABLE_CONTENT

MAX_PARSED_BYTES = 16 * 1024 * 1024
"""Parsing these takes two to three seconds. In a larger file the rest is assumed to be like them."""

LIMIT = MAX_PARSED_BYTES

MAX_KEYS = 50
"""Keys that are named; all are counted."""

_MAX_DIGITS = 500
_LONG_NUMBER = re.compile(rb"(?<![0-9])([0-9]{%d})[0-9]+" % _MAX_DIGITS)

_OPENING = {"start_map": "object", "start_array": "array"}
_CLOSING = {"end_map", "end_array"}


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `valid` (None in a file larger than MAX_PARSED_BYTES that is valid so far), `problem` if it isn't,
    `documents` (more than one in JSON lines), `depth`, `values`, and the first document's `type`; for an object
    its `keys` and `key_count`, for an array its `length` and, if its first item is an object, the item's `keys`.

    In a larger file, the counts of what continues behind MAX_PARSED_BYTES are estimates (`…_estimated`), with two
    exceptions: `depth` is a minimum, and `key_count` is None, as objects seldom continue as they begin. In invalid
    JSON, all of them count what precedes the error.
    """
    stats = _Stats()
    json_text = _LongNumberTrimmer(_open_utf_8(source, size))
    problem = None
    try:
        with localcontext(Context(traps=[])):  # an exponent that is too large for a Decimal is still valid JSON
            for event, value in ijson.basic_parse(json_text, multiple_values=True):
                stats.add_event(event, value)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        if size <= MAX_PARSED_BYTES or not json_text.ended:  # otherwise only the text read so far has ended
            problem = str(error).removeprefix("b'").split("\n")[0].split("\\n")[0]
    facts = _facts(stats, size, truncated=size > MAX_PARSED_BYTES and problem is None)
    return ProcessorResult({**facts, "valid": _valid(problem, size), "problem": problem})


class _Stats(Struct):
    """Counts of the events so far."""

    documents: int = 0
    depth: int = 0
    max_depth: int = 0
    values: int = 0
    length: int = 0
    type: str | None = None
    key_count: int = 0
    keys: list[str] = field(default_factory=list)

    def add_event(self, event: str, value: Any) -> None:
        if event == "map_key":
            self._add_key(value)
        elif event in _CLOSING:
            self.depth -= 1
        else:
            self._add_value(event)

    def _add_value(self, event: str) -> None:
        self.values += 1
        if self.depth == 0:
            self.documents += 1
            if self.documents == 1:
                self.type = _OPENING.get(event, event)
        elif self.depth == 1 and self.documents == 1 and self.type == "array":
            self.length += 1
        if event in _OPENING:
            self.depth += 1
            self.max_depth = max(self.max_depth, self.depth)

    def _add_key(self, key: str) -> None:
        is_of_first = self.documents == 1 and (
            self.depth == 1 or (self.depth == 2 and self.type == "array" and self.length == 1)
        )
        if is_of_first:
            self.key_count += 1
            if len(self.keys) < MAX_KEYS:
                self.keys.append(key[:100])


def _facts(stats: _Stats, size: int, *, truncated: bool) -> dict[str, Any]:
    """Return the facts, except whether it is valid. `truncated`: the file is longer than what was parsed."""
    if truncated and stats.documents == 0:  # a text or white space without an end
        return {}
    first_ended = stats.documents > 1 or stats.depth == 0
    item_ended = first_ended or (stats.type == "array" and (stats.length > 1 or stats.depth == 1))
    counts = {"values": (stats.values, truncated), "documents": (stats.documents, truncated)}
    if stats.type == "array":
        counts["length"] = (stats.length, truncated and not first_ended)
    facts: dict[str, Any] = {"type": stats.type, "depth": stats.max_depth, "depth_estimated": truncated}
    for name, (count, estimated) in counts.items():
        grows = estimated and (name, count) != ("documents", 1)
        facts[name] = extrapolate(count, size, MAX_PARSED_BYTES)[0] if grows else count
        facts[f"{name}_estimated"] = estimated
    if stats.keys:
        facts |= {"keys": stats.keys, "key_count": stats.key_count if item_ended or not truncated else None}
    return facts


def _valid(problem: str | None, size: int) -> bool | None:
    if problem is not None:
        return False
    return True if size <= MAX_PARSED_BYTES else None


def _open_utf_8(source: BinaryIO, size: int) -> Reader:
    """Return the text in UTF-8 without a byte order mark: the parser accepts only what RFC 8259 does.

    Other Unicode encodings are converted. An 8-bit encoding is invalid, as the parser finds out.
    """
    head = source.read(PIECE)
    source.seek(0)
    if encoding_of_bom(head) is None and detect_unmarked_unicode(head) is None:
        return LimitedReader(source, MAX_PARSED_BYTES)
    return Utf8Reader(source, size, MAX_PARSED_BYTES)


class _LongNumberTrimmer(Reader):
    """The same JSON with numbers of at most _MAX_DIGITS digits; `ended` is true once all of it has been read.

    ijson converts each number, which takes long, and its 3.6.0 crashes the process where Python refuses so long an
    integer. Valid JSON remains valid, and keys begin as before.
    """

    def __init__(self, source: Reader) -> None:
        self._source = source
        self._trimmed, self._digits = b"", b""
        """What is ready to be read, and the digits behind it, which more may follow."""
        self.ended = False

    def read_some(self, size: int) -> bytes:
        while not self._trimmed and (data := self._source.read(size)):
            trimmed = _LONG_NUMBER.sub(rb"\1", self._digits + data)
            self._trimmed = trimmed.rstrip(b"0123456789")
            self._digits = trimmed[len(self._trimmed) :]
        if not self._trimmed:
            self._trimmed, self._digits = self._digits, b""
        data, self._trimmed = self._trimmed[:size], self._trimmed[size:]
        self.ended = size > 0 and not data  # ijson reads 0 bytes to learn that it gets bytes
        return data
