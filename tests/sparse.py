"""Large files that needn't be stored: some pieces at given positions, and a pattern everywhere else."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from chalicelib.core.storage import ObjectRange, Storage
from chalicelib.core.streams.object_reader import ObjectReader


@dataclass
class Sparse:
    """A file of `size` bytes; `pieces` by their positions."""

    size: int
    pieces: Mapping[int, bytes] = field(default_factory=dict)
    pattern: bytes = bytes(4096)

    @cached_property
    def _repeated(self) -> bytes:
        """The pattern several times, so that a read joins few of them."""
        return self.pattern * (64 * 1024 // len(self.pattern) + 1)

    def read(self, start: int, length: int) -> bytes:
        length = max(min(length, self.size - start), 0)
        into = start % len(self.pattern)
        times = (into + length) // len(self._repeated) + 1
        data = bytearray((self._repeated * times)[into : into + length])
        for position, piece in self.pieces.items():
            begin, end = max(position, start), min(position + len(piece), start + length)
            if begin < end:
                data[begin - start : end - start] = piece[begin - position : end - position]
        return bytes(data)


@dataclass
class SparseStorage:
    """A storage with one object; counts requests and fetched bytes."""

    file: Sparse
    requests: int = 0
    fetched: int = 0

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        data = self.file.read(start, length)
        self.requests += 1
        self.fetched += len(data)
        return ObjectRange(data, size=self.file.size, etag=etag or key)

    def open(self) -> io.BufferedReader:
        """Return the object as a file, as the worker opens it."""
        return io.BufferedReader(ObjectReader(cast(Storage, self), "k", self.file.size))
