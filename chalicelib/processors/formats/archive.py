"""Archives: entries and sizes, from directories and headers. Nothing is extracted; bombs are flagged."""

import lzma
import zlib
from typing import Any, BinaryIO, cast
from zipfile import BadZipFile, ZipFile

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, UNREADABLE_ARCHIVE, BadContentError
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.archives.decompression import DECOMPRESSORS, DecompressedReader, load_zstd
from chalicelib.processors.archives.entry_names import decode_zip_names
from chalicelib.processors.archives.tar import MAX_NAMES, summarize_tar
from chalicelib.processors.archives.tar_header import TAR_HEADER, is_tar
from chalicelib.processors.archives.zip import count_entries, open_zip

UNREADABLE = UNREADABLE_ARCHIVE
LIMIT = 8 * 1024 * 1024

BOMB_RATIO = 100
BOMB_SIZE = 1024 * 1024 * 1024
"""Contents that are larger than this, and than so many times the file's own size, are called a bomb. Text is
hardly ever compressed to less than a twentieth."""

ARCHIVE_EXTENSIONS = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar")

_CHUNK = 256 * 1024

_FORMATS = {
    "application/gzip": "gzip",
    "application/vnd.rar": "rar",
    "application/x-7z-compressed": "7z",
    "application/x-bzip2": "bzip2",
    "application/x-tar": "tar",
    "application/x-xz": "xz",
    "application/zstd": "zstd",
}
"""Any other type is a zip's."""

_ONLY_NAMED = {"7z", "rar"}
"""Formats that aren't read."""


def preload(media_type: str) -> None:
    """Load what only files of this type need."""
    if media_type == "application/zstd":
        load_zstd()


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `format`, `entries`, `files`, `folders`, `unpacked_size` in bytes, `ratio` (unpacked to packed), the
    first `names`, and `bomb` if the archive is made to exhaust whatever unpacks it. Where the archive doesn't say
    how its names are encoded, `names_encoding` does, and `names_guessed` is true if it may be wrong.

    Of a zip also `encrypted`, `archives_inside`, and `overlapping` if entries share their bytes, as only bombs'
    do. Of a compressed file `contains` (`tar`), and `entries` only then. What can't be known from the first
    LIMIT bytes is an estimate (`…_estimated`). `damaged` says that it can't be read to its end: then `entries` and
    `unpacked_size` cover what could be read, and if it couldn't be unpacked, there is no `ratio`.
    """
    archive_format = _FORMATS.get(media_type, "zip")
    facts: dict[str, Any] = {}
    if archive_format in DECOMPRESSORS:
        facts = _describe_compressed(archive_format, source, size)
    elif archive_format == "tar":
        facts = summarize_tar(source, mode="r:").facts(size)
    elif archive_format not in _ONLY_NAMED:
        facts = _describe_zip(source, size)
    return ProcessorResult({"format": archive_format, **facts})


def describe_fallback(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return the `format` alone, and `incomplete`."""
    return ProcessorResult({"format": _FORMATS.get(media_type, "zip"), "incomplete": True})


def _describe_zip(source: BinaryIO, size: int) -> dict[str, Any]:
    try:
        with open_zip(source, size) as archive:
            return _zip_facts(archive, size)
    except BadContentError as error:
        if error.kind is not RESOURCE_LIMIT_EXCEEDED:
            raise
        return {"entries": count_entries(source), "directory_too_large": True}
    except BadZipFile as error:
        raise BadContentError(UNREADABLE_ARCHIVE, reason=str(error)) from error


def _zip_facts(archive: ZipFile, size: int) -> dict[str, Any]:
    entries = archive.infolist()
    folders = sum(entry.is_dir() for entry in entries)
    unpacked_size = sum(entry.file_size for entry in entries)
    overlapping = sum(entry.compress_size for entry in entries) > size
    return {
        "entries": len(entries),
        "files": len(entries) - folders,
        "folders": folders,
        "encrypted": any(entry.flag_bits & 1 for entry in entries),
        "archives_inside": sum(entry.filename.lower().endswith(ARCHIVE_EXTENSIONS) for entry in entries),
        **decode_zip_names(entries, MAX_NAMES),
        **_size_facts(unpacked_size, size),
        **({"overlapping": True, "bomb": True} if overlapping else {}),
    }


def _describe_compressed(archive_format: str, source: BinaryIO, size: int) -> dict[str, Any]:
    """Decompress the beginning, discard it, and return what it was."""
    contents = DecompressedReader(DECOMPRESSORS[archive_format](source))
    tar, ended, damaged = None, False, False
    try:
        if is_tar(contents.peek(TAR_HEADER)):
            tar = summarize_tar(cast(BinaryIO, contents), mode="r|")
        while contents.read(_CHUNK):
            pass
        ended = True
    except BadContentError as error:
        if error.kind is not RESOURCE_LIMIT_EXCEEDED:
            raise
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        damaged = True
        if contents.count == 0:
            raise BadContentError(UNREADABLE_ARCHIVE, reason=str(error)) from error
    estimated = not ended and not damaged
    total = round(contents.count * size / max(source.tell(), 1)) if estimated else contents.count
    facts: dict[str, Any] = {"contains": "tar", **tar.facts(total)} if tar else {"unpacked_size": total}
    facts.setdefault("unpacked_size_estimated", estimated)
    facts["damaged"] = damaged or facts.get("damaged") or None
    return facts if facts["damaged"] else facts | _size_facts(facts["unpacked_size"], size)


def _size_facts(unpacked_size: int, size: int) -> dict[str, Any]:
    bomb = unpacked_size > BOMB_SIZE and unpacked_size > BOMB_RATIO * size
    return {"unpacked_size": unpacked_size, "ratio": round(unpacked_size / max(size, 1), 2), "bomb": bomb or None}
