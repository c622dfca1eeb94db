"""A processor whose functions do what no processor should."""

import ctypes
import signal
import string
import sys
import time
from contextlib import suppress
from typing import BinaryIO

from chalicelib.core import errors
from chalicelib.core.errors import UNREADABLE_CONTENT, UNREADABLE_PDF, BadContentError, ErrorKind, FileErrorKind
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.sandbox import parent

CALLS: list[bytes] = []
UNREADABLE = UNREADABLE_CONTENT
LIMIT = 64 * 1024 * 1024
OWN_KIND = FileErrorKind("own_error", "The file is bad: {reason}.")
"""No constant of core/errors.py."""


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    source.seek(-3, 2)
    facts = {"end": source.read().decode(), "size": size, "media_type": media_type}
    return ProcessorResult(facts, b"a picture")


def read_twice(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    bytes_read = 0
    for _ in range(2):
        source.seek(0)
        while data := source.read(100_000):
            bytes_read += len(data)
    return ProcessorResult({"read": bytes_read, "size": size})


def allocate_a_gibibyte(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    return ProcessorResult({"allocated": len(bytearray(1 << 30)), "read": source.tell(), "size": size})


def read_without_memory(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Leave no memory for the bytes that are read."""
    blocks = []
    with suppress(MemoryError):
        while True:
            blocks.append(bytearray(1 << 16))
    return ProcessorResult({"read": len(source.read()), "size": size, "blocks": len(blocks)})


def allocate_most_memory(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    block = bytearray(parent.MEMORY * 3 // 4)
    return ProcessorResult({"allocated": len(block)} if size and not source.tell() else {})


def count_calls(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Keep state, as some libraries do."""
    CALLS.append(source.read(size))
    return ProcessorResult({"count": len(CALLS)})


def crash(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    return ProcessorResult({"read": ctypes.string_at(0), "at": source.tell(), "size": size})


def terminate(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """End as all processes do when a machine shuts down."""
    signal.raise_signal(signal.SIGTERM)
    return describe(source, size, media_type)


def sleep(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    time.sleep(600)
    return describe(source, size, media_type)


def loop_forever(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    while source.tell() < size:
        pass
    return ProcessorResult({})


def refuse(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    raise BadContentError(UNREADABLE_PDF, read=source.tell(), size=size)


def raise_named_error(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Raise the error kind that the file names."""
    kind: ErrorKind = getattr(errors, source.read(size).decode())
    fields = [name for _, name, _, _ in string.Formatter().parse(kind.message) if name]
    raise BadContentError(kind, **{name: f"the {name}" for name in fields})


def divide_by_zero(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    return ProcessorResult({"infinite": source.tell() / (size - size)})


def print_and_describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    sys.stdout.write("as libraries do\n")
    return describe(source, size, media_type)


def raise_own_error(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    raise BadContentError(OWN_KIND, reason="it is too short")
