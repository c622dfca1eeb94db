"""Summarize a tar file's headers."""

import tarfile
from contextlib import suppress
from typing import Any, BinaryIO, Self

from msgspec import Struct, field

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError
from chalicelib.processors.archives.entry_names import MAX_NAME, decode_tar_names, is_undecoded, raw_tar_name

MAX_NAMES = 20
"""Entries that are named; all are counted."""

MAX_UNDECODED = 500
"""Names that aren't UTF-8 and from which their encoding is guessed."""

MAX_EXTENSION = 1024 * 1024
"""Bytes of an extension header, which gives the next entry a long name and the like. It is read at once."""

_EXTENSIONS = {
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
}


class _Header(tarfile.TarInfo):
    """Refuses extensions that take too much memory, and distinguishes the archive's end from a damaged header."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Raise HeaderError only at a block of zeros: after the first entry, tarfile
        treats any HeaderError as the end."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and not any(buf):
                raise
            raise tarfile.ReadError(str(error)) from error
        if header.size < 0:
            raise tarfile.ReadError("a negative size")
        if header.type in _EXTENSIONS and header.size > MAX_EXTENSION:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        return header


class TarSummary(Struct):
    """What the entries read so far contain."""

    entries: int = 0
    files: int = 0
    folders: int = 0
    unpacked_size: int = 0
    names: list[str] = field(default_factory=list)
    undecoded_names: list[bytes] = field(default_factory=list)
    """The first names that aren't UTF-8."""
    ended: bool = False
    """The block of zeros at the archive's end was reached. Otherwise reading on was too costly, or `damaged`."""
    damaged: bool = False
    position: int = 0
    """Bytes of the tar file that the entries so far take up."""

    def facts(self, size: int | None) -> dict[str, Any]:
        """Return the counts, with estimates marked. `size` is the size of the whole tar file."""
        counts = {"entries": self.entries, "unpacked_size": self.unpacked_size}
        estimated = not self.ended and not self.damaged
        if estimated and size is not None and self.position:
            counts = {name: round(count * size / self.position) for name, count in counts.items()}
        facts: dict[str, Any] = {}
        for name, count in counts.items():
            facts |= {name: count, f"{name}_estimated": estimated}
        if self.ended:
            facts |= {"files": self.files, "folders": self.folders}
        names = decode_tar_names(self.names, self.undecoded_names)
        return {**facts, **names, "damaged": self.damaged or None}


def summarize_tar(source: BinaryIO, *, mode: str) -> TarSummary:
    """Read each entry's header; `mode` is tarfile's: `r:` seeks from header to header, `r|` only reads.

    Stops where the source refuses to be read any further, and at a damaged header. A tar that ends without a block
    of zeros is truncated: POSIX requires two of them.
    """
    summary = TarSummary(damaged=True)
    with suppress(Exception):  # hostile headers make tarfile raise any exception; the entries so far count
        try:
            _read_headers(source, mode, summary)
            summary.ended, summary.damaged = True, False
        except MemoryError:
            summary.damaged = False
        except BadContentError as error:
            summary.damaged = error.kind is not RESOURCE_LIMIT_EXCEEDED
    return summary


def _read_headers(source: BinaryIO, mode: str, summary: TarSummary) -> None:
    options: dict[str, Any] = {"errorlevel": 0, "tarinfo": _Header, "encoding": "utf-8"}
    with tarfile.open(fileobj=source, mode=mode, **options) as archive:  # type: ignore[call-overload]  # any text
        while (member := archive.next()) is not None:
            archive.members.clear()  # it would keep every header
            summary.entries += 1
            summary.files += member.isfile()
            summary.folders += member.isdir()
            summary.unpacked_size += member.size
            summary.position = archive.offset
            if len(summary.names) < MAX_NAMES:
                summary.names.append(member.name[:MAX_NAME])
            if len(summary.undecoded_names) < MAX_UNDECODED and is_undecoded(member.name):
                summary.undecoded_names.append(raw_tar_name(member.name[:MAX_NAME]))
