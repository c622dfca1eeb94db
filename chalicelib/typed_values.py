"""Convert JSON and values of Python to Structs, in any number of threads.

msgspec (0.22) reads a class's annotations when it first converts to it. Another thread that converts to the same
class meanwhile ends the process with a segmentation fault. So one thread at a time prepares a class.
"""

from typing import Any

import msgspec

from chalicelib.cached_function import CachedFunction

_decoder = CachedFunction(msgspec.json.Decoder[Any])


def decode_json(document: bytes, expected: Any) -> Any:
    """Return the JSON as this type, which is hashable. Raises msgspec.DecodeError, UnicodeDecodeError and
    RecursionError."""
    return _decoder(expected).decode(document)


def convert_value(value: Any, expected: Any) -> Any:
    """Return the value as this type, which is hashable. Raises msgspec.ValidationError and RecursionError."""
    _decoder(expected)
    return msgspec.convert(value, expected)
