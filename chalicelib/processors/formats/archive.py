"""Archives: entries and sizes, from directories and headers. Nothing is unpacked to keep, and a bomb is named."""

import lzma
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, UNREADABLE_ARCHIVE, BadContentError
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.archives.decompression import FORMATS, Unpacked
from chalicelib.processors.archives.tar import NAMES, walk
from chalicelib.processors.archives.zip import count_entries, open_zip
from chalicelib.processors.detection.signatures import TAR_HEADER, is_tar

UNREADABLE = UNREADABLE_ARCHIVE
LIMIT = 8 * 1024 * 1024

BOMB_RATIO = 100
BOMB_SIZE = 1024 * 1024 * 1024
"""What unpacks to more than this, and to more than so many times its own size, is called a bomb. Text hardly gets
beyond 20 times."""

ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")

_PIECE = 256 * 1024

_NAMED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!": "rar", b"\x28\xb5\x2f\xfd": "zstd", b"\x50\x2a\x4d\x18": "zstd"}
"""Formats that are named, and no more."""


def describe(source: BinaryIO, size: int) -> Described:
    """Return `format`, `entries`, `files`, `folders`, `unpacked_size` in bytes, `ratio` (unpacked to packed), the
    first `names`, and `bomb` where somebody made it to do harm.

    Of a zip also `encrypted`, `archives_inside`, and `overlapping` where entries share their bytes, as only bombs'
    do. Of a compressed file `contains` (`tar`), and `entries` only then. What could not be told from the first
    LIMIT bytes is an estimate (`…_estimated`). `damaged` says that it can't be read to its end: then `entries` and
    `unpacked_size` are what could be read, and where it couldn't be unpacked, there is no `ratio`.
    """
    head = source.read(TAR_HEADER)
    source.seek(0)
    for signature, name in _NAMED.items():
        if head.startswith(signature):
            return Described({"format": name})
    for signature, (name, unpack) in FORMATS.items():
        if head.startswith(signature):
            return Described({"format": name, **_compressed(unpack(source), source, size)})
    if is_tar(head):
        return Described({"format": "tar", **walk(source, mode="r:").facts(size)})
    return Described({"format": "zip", **_zip(source, size)})


def describe_less(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return the `format` alone, and `incomplete`."""
    head = source.read(8)
    signatures = {**_NAMED, **{signature: name for signature, (name, _) in FORMATS.items()}, b"PK": "zip"}
    name = next((name for signature, name in signatures.items() if head.startswith(signature)), "tar")
    return Described({"format": name, "incomplete": True})


def _zip(source: BinaryIO, size: int) -> dict[str, Any]:
    try:
        with open_zip(source, size) as archive:
            return _listed(archive, size)
    except BadContentError as fault:
        if fault.kind is not RESOURCE_LIMIT_EXCEEDED:
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


def _compressed(pieces: Iterator[bytes], source: BinaryIO, size: int) -> dict[str, Any]:
    """Unpack the beginning, throw it away, and tell what it was."""
    unpacked = Unpacked(pieces)
    seen, ended, damaged = None, False, False
    try:
        if is_tar(unpacked.peek(TAR_HEADER)):
            seen = walk(cast(BinaryIO, unpacked), mode="r|")
        while unpacked.read(_PIECE):
            pass
        ended = True
    except BadContentError as fault:
        if fault.kind is not RESOURCE_LIMIT_EXCEEDED:
            raise
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as fault:
        damaged = True
        if unpacked.count == 0:
            raise BadContentError(UNREADABLE_ARCHIVE, reason=str(fault)) from fault
    estimated = not ended and not damaged
    total = round(unpacked.count * size / max(source.tell(), 1)) if estimated else unpacked.count
    sizes = {"unpacked_size": total} if damaged else _sizes(total, size)
    facts = {**sizes, "unpacked_size_estimated": estimated, "damaged": damaged or None}
    if seen is None:
        return facts
    return {"contains": "tar", **seen.facts(total), **facts, "damaged": damaged or seen.damaged or None}


def _sizes(unpacked: int, size: int) -> dict[str, Any]:
    bomb = unpacked > BOMB_SIZE and unpacked > BOMB_RATIO * size
    return {"unpacked_size": unpacked, "ratio": round(unpacked / max(size, 1), 2), "bomb": bomb or None}
