"""What all readers have in common."""

import ast
import io
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from chalicelib.core.streams.bounded_reader import BoundedReader
from chalicelib.core.streams.limited_reader import LimitedReader
from chalicelib.core.streams.object_reader import ObjectReader
from chalicelib.core.streams.reader import Reader, SeekableReader
from chalicelib.core.streams.slice_reader import SliceReader
from chalicelib.core.streams.truncating_reader import TruncatingReader
from chalicelib.processors.archives.decompression import DecompressedReader
from chalicelib.processors.archives.zip_repair import _Overlay
from chalicelib.processors.formats.json import _LongNumberTrimmer
from chalicelib.processors.text.utf_8_reader import Utf8Reader
from tests.fakes.storage import FakeStorage

CHALICELIB = Path(__file__).parents[2] / "chalicelib"

CONTENT = b"[" + b"12345678, " * 500 + b'"text"]'


def bounded_reader() -> BoundedReader:
    return BoundedReader(io.BytesIO(CONTENT), len(CONTENT), limit=1_000_000, seconds=60)


READERS: dict[str, Callable[[], Reader]] = {
    "BoundedReader": bounded_reader,
    "DecompressedReader": lambda: DecompressedReader(iter([CONTENT[:7], CONTENT[7:4000], CONTENT[4000:]])),
    "LimitedReader": lambda: LimitedReader(io.BytesIO(CONTENT + b"more"), len(CONTENT)),
    "ObjectReader": lambda: ObjectReader(FakeStorage({"key": (CONTENT, "")}), "key", len(CONTENT)),
    "SliceReader": lambda: SliceReader(io.BytesIO(b"xx" + CONTENT + b"xx"), 2, len(CONTENT)),
    "TruncatingReader": lambda: TruncatingReader(cast(BinaryIO, bounded_reader())),
    "_Overlay": lambda: _Overlay(
        io.BytesIO(CONTENT[:5] + b"wrong" + CONTENT[10:]), len(CONTENT), 5, CONTENT[5:10]
    ),
    "_LongNumberTrimmer": lambda: _LongNumberTrimmer(LimitedReader(io.BytesIO(CONTENT), len(CONTENT))),
    "Utf8Reader": lambda: Utf8Reader(io.BytesIO(CONTENT), len(CONTENT), len(CONTENT)),
}


@pytest.mark.parametrize("size", [4, 100, 100_000])
@pytest.mark.parametrize("name", READERS)
def test_read_returns_at_most_the_requested_bytes(name: str, size: int) -> None:
    reader = READERS[name]()
    chunks = list(iter(lambda: reader.read(size), b""))
    assert b"".join(chunks) == CONTENT
    assert max(len(chunk) for chunk in chunks) <= size


@pytest.mark.parametrize("name", READERS)
def test_reader_can_be_buffered(name: str) -> None:
    with io.BufferedReader(READERS[name](), 100) as source:
        assert source.read(3) == CONTENT[:3]
        assert source.read() == CONTENT[3:]


@pytest.mark.parametrize("name", READERS)
def test_read_without_a_size_returns_the_rest(name: str) -> None:
    reader = READERS[name]()
    beginning = reader.read(8)
    assert beginning + reader.read() == CONTENT


@pytest.mark.parametrize("error", [OSError, ValueError])
def test_negative_seek_raises_the_error_of_files_and_of_bytes_io(error: type[Exception]) -> None:
    with pytest.raises(error, match="negative seek position -1"):
        bounded_reader().seek(-1)


def test_long_number_trimmer_keeps_the_requested_size_when_digits_were_held_back() -> None:
    digits = b"1" * 300
    trimmer = _LongNumberTrimmer(LimitedReader(io.BytesIO(digits + b", " + digits), 602))
    chunks = list(iter(lambda: trimmer.read(10), b""))
    assert b"".join(chunks) == digits + b", " + digits
    assert max(len(chunk) for chunk in chunks) <= 10
    assert trimmer.ended


def test_every_file_like_class_extends_reader() -> None:
    """`READERS` and the sandbox's PipeReader, which needs a process at the other end of the pipe."""
    names = set()
    for path in CHALICELIB.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                bases = {ast.unparse(base) for base in node.bases}
                assert not any("IOBase" in base for base in bases) or node.name == Reader.__name__, path
                if bases & {Reader.__name__, SeekableReader.__name__}:
                    names.add(node.name)
    assert names == {*READERS, "PipeReader", "SeekableReader"}
