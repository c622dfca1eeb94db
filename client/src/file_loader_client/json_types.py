"""Decode JSON as a type, in any number of threads.

msgspec (0.22) reads a class's annotations when it first converts to it. Another thread that converts to the same
class meanwhile ends the process with a segmentation fault. So one thread at a time prepares a class.
"""

from threading import Lock
from typing import Any, TypeVar

from msgspec.json import Decoder

T = TypeVar("T")

_lock = Lock()
_decoders: dict[type, Decoder[Any]] = {}


def decode_json(document: bytes, expected: type[T]) -> T:
    """Return the JSON as this type. Raises msgspec.DecodeError."""
    with _lock:
        if expected not in _decoders:
            _decoders[expected] = Decoder(expected)
        decoder: Decoder[T] = _decoders[expected]
    return decoder.decode(document)
