"""Walking through a tar file."""

import tarfile
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self

from chalicelib.core.errors import RESOURCE_LIMIT_EXCEEDED, BadContentError

NAMES = 20
"""Entries that are named; all are counted."""

MAX_EXTENSION = 1024 * 1024
"""Bytes of a header that gives the next one long names and the like, all of which is read at once."""

_EXTENSIONS = {
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
}


class _Header(tarfile.TarInfo):
    """Refuses extensions that take too much memory, and tells the archive's end from a header that is damaged."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """Raise HeaderError only at a block of zeros: behind the first entry, tarfile takes any for the end."""
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as fault:
            if buf and not any(buf):
                raise
            raise tarfile.ReadError(str(fault)) from fault
        if header.size < 0:
            raise tarfile.ReadError("a negative size")
        if header.type in _EXTENSIONS and header.size > MAX_EXTENSION:
            raise BadContentError(RESOURCE_LIMIT_EXCEEDED)
        return header


@dataclass(slots=True)
class Walk:
    """What the entries so far have told."""

    entries: int = 0
    files: int = 0
    folders: int = 0
    unpacked_size: int = 0
    names: list[str] = field(default_factory=list)
    ended: bool = False
    """It came to the block of zeros at the archive's end. Otherwise reading on was too costly, or `damaged`."""
    damaged: bool = False
    position: int = 0
    """Bytes of the tar file that the entries so far take."""

    def facts(self, size: int | None) -> dict[str, Any]:
        """Return the counts, of which those that are estimates are marked. `size` is the whole tar file's."""
        counts = {"entries": self.entries, "unpacked_size": self.unpacked_size}
        estimated = not self.ended and not self.damaged
        if estimated and size is not None and self.position:
            counts = {name: round(count * size / self.position) for name, count in counts.items()}
        facts: dict[str, Any] = {}
        for name, count in counts.items():
            facts |= {name: count, f"{name}_estimated": estimated}
        if self.ended:
            facts |= {"files": self.files, "folders": self.folders}
        return {**facts, "names": self.names, "damaged": self.damaged or None}


def walk(source: BinaryIO, *, mode: str) -> Walk:
    """Look at each entry's header; `mode` is tarfile's: `r:` seeks from header to header, `r|` only reads.

    Stops where the source refuses to be read on, and where a header is damaged. A tar that ends without a block of
    zeros, of which POSIX asks for two, has been cut off.
    """
    seen = Walk(damaged=True)
    with suppress(
        Exception
    ):  # hostile headers make tarfile raise whatever it stumbles over; what was seen is told
        try:
            _look(source, mode, seen)
            seen.ended, seen.damaged = True, False
        except MemoryError:
            seen.damaged = False
        except BadContentError as fault:
            seen.damaged = fault.kind is not RESOURCE_LIMIT_EXCEEDED
    return seen


def _look(source: BinaryIO, mode: str, seen: Walk) -> None:
    with tarfile.open(fileobj=source, mode=mode, errorlevel=0, tarinfo=_Header) as archive:  # type: ignore[call-overload]  # any text
        while (member := archive.next()) is not None:
            archive.members.clear()  # it would keep every header
            seen.entries += 1
            seen.files += member.isfile()
            seen.folders += member.isdir()
            seen.unpacked_size += member.size
            seen.position = archive.offset
            if len(seen.names) < NAMES:
                seen.names.append(member.name[:200])
