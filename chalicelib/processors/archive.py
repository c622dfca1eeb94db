"""Archives: entries and sizes, from directories and headers. Nothing is unpacked to keep, and a bomb is named."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from chalicelib.core.bounded_reader import BoundedReader
from chalicelib.core.described import Described
from chalicelib.core.errors import TOO_COSTLY, UNREADABLE_ARCHIVE, BadContentError
from chalicelib.processors.shared.tars import MAGIC, MAGIC_AT, NAMES, walk
from chalicelib.processors.shared.zips import count_entries, open_zip

UNREADABLE = UNREADABLE_ARCHIVE
LIMIT = 8 * 1024 * 1024

MAX_UNPACKED = 32 * 1024 * 1024
"""Bytes that are unpacked, and thrown away, to learn how much a compressed file holds."""

BOMB_RATIO = 100
BOMB_SIZE = 1024 * 1024 * 1024
"""What unpacks to more than this, and to more than so many times its own size, is called a bomb. Text hardly gets
beyond 20 times."""

ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")

_PIECE = 256 * 1024
_SECONDS = 30
_NO_SIZE = 2**63
"""Nobody knows how much there is before it is unpacked."""

_NAMED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar", b"\x28\xb5\x2f\xfd": "zstd"}
"""Formats that are named, and no more."""

_COMPRESSED: dict[bytes, tuple[str, Callable[[BinaryIO], Any]]] = {
    b"\x1f\x8b": ("gzip", gzip.open),
    b"BZh": ("bzip2", bz2.open),
    b"\xfd7zXZ": ("xz", lzma.open),
}


def describe(source: BinaryIO, size: int) -> Described:
    """Return `format`, `entries`, `files`, `folders`, `unpacked_size` in bytes, `ratio` (unpacked to packed), the
    first `names`, and `bomb` where somebody made it to do harm.

    Of a zip also `encrypted`, `archives_inside`, and `overlapping` where entries share their bytes, as only bombs'
    do. Of a compressed file `contains` (`tar`), and `entries` only then. What could not be told from the first
    LIMIT bytes is an estimate (`…_estimated`). `damaged` says that there is more, which can't be read.
    """
    head = source.read(MAGIC_AT + len(MAGIC))
    source.seek(0)
    for signature, name in _NAMED.items():
        if head.startswith(signature):
            return Described({"format": name})
    for signature, (name, opened) in _COMPRESSED.items():
        if head.startswith(signature):
            return Described({"format": name, **_compressed(opened(source), source, size)})
    if head[MAGIC_AT:] == MAGIC:
        return Described({"format": "tar", **walk(source, mode="r:").facts(size)})
    return Described({"format": "zip", **_zip(source, size)})


def describe_less(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return the `format` alone, and `incomplete`."""
    head = source.read(8)
    signatures = {**_NAMED, **{signature: name for signature, (name, _) in _COMPRESSED.items()}, b"PK": "zip"}
    name = next((name for signature, name in signatures.items() if head.startswith(signature)), "tar")
    return Described({"format": name, "incomplete": True})


def _zip(source: BinaryIO, size: int) -> dict[str, Any]:
    try:
        with open_zip(source, size) as archive:
            return _listed(archive, size)
    except BadContentError as fault:
        if fault.kind is not TOO_COSTLY:
            raise
        return {"entries": count_entries(source), "directory_too_large": True}
    except BadZipFile as fault:
        raise BadContentError(UNREADABLE_ARCHIVE, reason=str(fault)) from fault


def _listed(archive: ZipFile, size: int) -> dict[str, Any]:
    entries = archive.infolist()
    folders = sum(entry.is_dir() for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    overlapping = sum(entry.compress_size for entry in entries) > size
    return {
        "entries": len(entries),
        "files": len(entries) - folders,
        "folders": folders,
        "encrypted": any(entry.flag_bits & 1 for entry in entries),
        "archives_inside": sum(entry.filename.lower().endswith(ARCHIVES) for entry in entries),
        "names": [entry.filename[:200] for entry in entries[:NAMES]],
        **_sizes(unpacked, size),
        **({"overlapping": True, "bomb": True} if overlapping else {}),
    }


def _compressed(opened: BinaryIO, source: BinaryIO, size: int) -> dict[str, Any]:
    """Unpack the beginning, throw it away, and tell what it was."""
    unpacked = BoundedReader(opened, _NO_SIZE, limit=MAX_UNPACKED, seconds=_SECONDS)
    seen, ended, damaged = None, False, False
    try:
        if unpacked.read(MAGIC_AT + len(MAGIC))[MAGIC_AT:] == MAGIC:
            unpacked.seek(0)
            seen = walk(cast(BinaryIO, unpacked), mode="r|")
        while unpacked.read(_PIECE):
            pass
        ended = True
    except BadContentError as fault:
        if fault.kind is not TOO_COSTLY:
            raise
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as fault:
        damaged = True
        if unpacked.tell() == 0:
            raise BadContentError(UNREADABLE_ARCHIVE, reason=str(fault)) from fault
    total = unpacked.tell() if ended else round(unpacked.tell() * size / max(source.tell(), 1))
    facts = {**_sizes(total, size), "unpacked_size_estimated": not ended, "damaged": damaged or None}
    if seen is None:
        return facts
    return {"contains": "tar", **seen.facts(total), **facts, "damaged": damaged or seen.damaged or None}


def _sizes(unpacked: int, size: int) -> dict[str, Any]:
    bomb = unpacked > BOMB_SIZE and unpacked > BOMB_RATIO * size
    return {"unpacked_size": unpacked, "ratio": round(unpacked / max(size, 1), 2), "bomb": bomb or None}
