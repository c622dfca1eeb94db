"""Messages between the parent and a sandboxed child.

The child sends READY once, then READ with a range for each part of the file that it needs, and at last DONE with
the result or FAILED with the error. The parent responds to READ with the bytes.
"""

import json
import struct

from msgspec.structs import asdict

from chalicelib.core import errors
from chalicelib.core.errors import BadContentError, ErrorKind, FileErrorKind
from chalicelib.core.processing.processor_result import ProcessorResult

READY, READ, DONE, FAILED = b"b", b"r", b"d", b"f"
"""First byte of a child's message."""

RANGE = struct.Struct(">QQ")
"""Start and length, behind READ."""

EXITED = struct.Struct(">Qi")
"""What the fork server sends when a child has exited: the request's number, and the exit code, negative for a
signal."""

_LENGTH = struct.Struct(">Q")

_KINDS: dict[str, ErrorKind] = {name: kind for name, kind in vars(errors).items() if isinstance(kind, ErrorKind)}
"""By the constant's name, which is unique; two kinds may share a code."""


def encode_result(result: ProcessorResult) -> bytes:
    thumbnail = result.thumbnail or b""
    return _LENGTH.pack(len(thumbnail)) + thumbnail + json.dumps(result.facts).encode()


def decode_result(encoded: bytes) -> ProcessorResult:
    (length,) = _LENGTH.unpack(encoded[: _LENGTH.size])
    data = encoded[_LENGTH.size :]
    return ProcessorResult(json.loads(data[length:]), data[:length] or None)


def encode_error(error: BadContentError) -> bytes:
    """Encode the error. A kind that isn't a constant of core/errors.py is sent whole."""
    name = next((name for name, kind in _KINDS.items() if kind is error.kind), None)
    return json.dumps([name or asdict(error.kind), error.fields], default=str).encode()


def decode_error(encoded: bytes) -> BadContentError:
    kind, fields = json.loads(encoded)
    return BadContentError(_KINDS[kind] if isinstance(kind, str) else FileErrorKind(**kind), **fields)
