"""A processor that does what none should."""

import ctypes
import signal
import sys
import time
from contextlib import suppress
from typing import BinaryIO

from chalicelib.core.errors import UNREADABLE_CONTENT, UNREADABLE_PDF, BadContentError
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.sandbox import parent

SEEN: list[bytes] = []
UNREADABLE = UNREADABLE_CONTENT
LIMIT = 64 * 1024 * 1024


def describe(source: BinaryIO, size: int) -> Described:
    source.seek(-3, 2)
    return Described({"end": source.read().decode(), "size": size}, b"a picture")


def reads_it_twice(source: BinaryIO, size: int) -> Described:
    read = 0
    for _ in range(2):
        source.seek(0)
        while data := source.read(100_000):
            read += len(data)
    return Described({"read": read, "size": size})


def takes_memory(source: BinaryIO, size: int) -> Described:
    return Described({"taken": len(bytearray(1 << 30)), "read": source.tell(), "size": size})


def takes_memory_to_read(source: BinaryIO, size: int) -> Described:
    """It leaves nothing for the bytes that come."""
    taken = []
    with suppress(MemoryError):
        while True:
            taken.append(bytearray(1 << 16))
    return Described({"read": len(source.read()), "size": size, "taken": len(taken)})


def takes_most_of_it(source: BinaryIO, size: int) -> Described:
    taken = bytearray(parent.MEMORY * 3 // 4)
    return Described({"taken": len(taken)} if size and not source.tell() else {})


def counts(source: BinaryIO, size: int) -> Described:
    """As a library does that keeps something for later."""
    SEEN.append(source.read(size))
    return Described({"count": len(SEEN)})


def crashes(source: BinaryIO, size: int) -> Described:
    return Described({"read": ctypes.string_at(0), "at": source.tell(), "size": size})


def is_ended(source: BinaryIO, size: int) -> Described:
    """As all processes are when a machine goes down."""
    signal.raise_signal(signal.SIGTERM)
    return describe(source, size)


def sleeps(source: BinaryIO, size: int) -> Described:
    time.sleep(600)
    return describe(source, size)


def computes(source: BinaryIO, size: int) -> Described:
    while source.tell() < size:
        pass
    return Described({})


def refuses(source: BinaryIO, size: int) -> Described:
    raise BadContentError(UNREADABLE_PDF, read=source.tell(), size=size)


def stumbles(source: BinaryIO, size: int) -> Described:
    return Described({"infinite": source.tell() / (size - size)})


def talks(source: BinaryIO, size: int) -> Described:
    sys.stdout.write("as libraries do\n")
    return describe(source, size)
