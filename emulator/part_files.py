"""The files of unfinished multipart uploads: they survive a restart, as S3's do, and take no memory.

An upload is a directory of its id:

- `upload.json` describes it.
- `data` has a slot for each part, all as long as the first part that came. Clients send parts of one length and a
  shorter last one, so that this file is the object in the end, and nothing has to be copied.
- `copy` is the object if its parts are not all in slots. `object.tmp` is another name of the object's file, which
  is moved to the object's place.
- Each part is also a file whose name holds what S3 returns about it. It is empty, a hole of the part's length, if
  the bytes are in the slot; it has them itself if the part doesn't fit there, or was there before.
"""

import base64
import errno
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Self

from emulator.disk_space import has_room
from emulator.object_files import flush
from emulator.sparse_files import copy_range, is_hole, write_sparse

UPLOAD_FILE = "upload.json"
DATA_FILE = "data"
COPY_FILE = "copy"
OBJECT_FILE = "object.tmp"
TEMPORARY_SUFFIX = ".tmp"
SLOT = "slot"


@dataclass(frozen=True)
class StoredPart:
    """A part. Its checksums are S3's, in base64, by algorithm. `slot` is the length of the upload's slots if the
    bytes are in one, 0 if they are in the part's own file."""

    number: int
    md5: str
    checksums: Mapping[str, str]
    slot: int
    path: Path

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the part that this file's name describes."""
        number, md5, *pairs = path.name.split(".")
        values = dict(pair.split("=") for pair in pairs)
        slot = int(values.pop(SLOT))
        checksums = {name: base64.b64encode(bytes.fromhex(value)).decode() for name, value in values.items()}
        return cls(int(number), md5, checksums, slot, path)

    @property
    def size(self) -> int:
        """The number of bytes."""
        return self.path.stat().st_size

    def record(self) -> dict[str, Any]:
        """Return what MiniStack keeps of a part, without its bytes."""
        modified = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        return {
            "body": None,
            "etag": f'"{self.md5}"',
            "size": self.size,
            "last_modified": modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "checksums": dict(self.checksums),
            "stored": self,
        }


class PartFiles:
    """The uploads of a directory. Every method that writes may raise OSError; the upload is then as before."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._slots: dict[str, int] = {}
        """The length of each upload's slots."""

    def create(self, upload_id: str, description: Mapping[str, Any]) -> None:
        """Store a new upload."""
        directory = self._directory / upload_id
        directory.mkdir(parents=True)
        try:
            self._check_room(0)
            with (directory / UPLOAD_FILE).open("w") as file:
                json.dump(description, file)
                os.fsync(file.fileno())
            flush(directory)
        except OSError:
            shutil.rmtree(directory, ignore_errors=True)
            raise

    def put(
        self, upload_id: str, number: int, content: bytes, md5: str, checksums: Mapping[str, str], earlier: Any
    ) -> StoredPart:
        """Store a part, instead of an earlier one with its number if there is one."""
        self._check_room(len(content))
        directory = self._directory / upload_id
        length = self._slots.setdefault(upload_id, len(content))
        is_in_slot = earlier is None and self._fill_slot(directory / DATA_FILE, number, content, length)
        values = {name: base64.b64decode(value).hex() for name, value in checksums.items()}
        values[SLOT] = str(length if is_in_slot else 0)
        path = directory / ".".join([str(number), md5, *(f"{name}={value}" for name, value in values.items())])
        temporary = directory / f"{number}{TEMPORARY_SUFFIX}"
        try:
            with temporary.open("wb") as file:
                if not is_in_slot:
                    write_sparse(file, 0, content)
                file.truncate(len(content))
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
        if earlier is not None and earlier.path != path:
            earlier.path.unlink()
        flush(directory)
        return StoredPart.read(path)

    def _fill_slot(self, data: Path, number: int, content: bytes, length: int) -> bool:
        """Write a part into its slot if it fits and if a write that failed or was killed left nothing there."""
        start = (number - 1) * length
        with _open(data) as file:
            if len(content) > length or not is_hole(file, start, start + length):
                return False
            write_sparse(file, start, content)
            os.fsync(file.fileno())
        return True

    def assemble(self, upload_id: str, parts: Sequence[StoredPart]) -> Path:
        """Return a new file that has the bytes of the parts, one after the other. The upload stays."""
        directory = self._directory / upload_id
        target, copy = directory / OBJECT_FILE, directory / COPY_FILE
        target.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)
        length, size = self._slots.get(upload_id, 0), sum(part.size for part in parts)
        try:
            with _open(directory / DATA_FILE) as data:
                if _has_slots(parts, length) and is_hole(data, size, os.fstat(data.fileno()).st_size):
                    for part in parts:
                        if not part.slot:
                            self._copy(part, data, data, (part.number - 1) * length, into_hole=False)
                    data.truncate(size)
                    os.fsync(data.fileno())
                    os.link(directory / DATA_FILE, target)
                else:
                    self._check_room(size)
                    with copy.open("wb") as file:
                        offset = 0
                        for part in parts:
                            self._copy(part, data, file, offset, into_hole=True)
                            offset += part.size
                        file.truncate(size)
                        os.fsync(file.fileno())
                    os.link(copy, target)
        except OSError:
            target.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
            raise
        return target

    def _copy(self, part: StoredPart, data: BinaryIO, target: BinaryIO, offset: int, *, into_hole: bool) -> None:
        if part.slot:
            start = (part.number - 1) * part.slot
            copy_range(data, start, part.size, target, offset, into_hole=into_hole)
        else:
            with part.path.open("rb") as file:
                copy_range(file, 0, part.size, target, offset, into_hole=into_hole)

    def remove(self, upload_id: str) -> None:
        """Delete an upload's files."""
        self._slots.pop(upload_id, None)
        directory = self._directory / upload_id
        with suppress(FileNotFoundError):
            (directory / UPLOAD_FILE).unlink()  # first: without it the rest is nothing to the next start
        shutil.rmtree(directory, ignore_errors=True)

    def remove_older_than(self, age: timedelta) -> None:
        """Delete the uploads that were created longer ago."""
        for description in self._directory.glob(f"*/{UPLOAD_FILE}"):
            if time.time() - description.stat().st_mtime > age.total_seconds():
                self.remove(description.parent.name)

    def load(self) -> Iterator[tuple[str, dict[str, Any], list[StoredPart]]]:
        """Yield the id, the description and the parts of each upload, and delete what a killed process left."""
        for directory in self._directory.iterdir() if self._directory.exists() else ():
            for leftover in directory.glob(f"*{TEMPORARY_SUFFIX}"):
                leftover.unlink()
            try:
                description = json.loads((directory / UPLOAD_FILE).read_bytes())
                is_completed = any(
                    path.exists() and path.stat().st_nlink > 1
                    for path in (directory / DATA_FILE, directory / COPY_FILE)
                )
            except (OSError, ValueError):
                is_completed = True
            if is_completed:
                shutil.rmtree(directory, ignore_errors=True)
                continue
            (directory / COPY_FILE).unlink(missing_ok=True)
            parts = [StoredPart.read(path) for path in directory.glob("*.*") if path.name != UPLOAD_FILE]
            parts.sort(key=lambda part: part.path.stat().st_mtime_ns)  # of two with one number, the later counts
            if lengths := [part.slot for part in parts if part.slot]:
                self._slots[directory.name] = lengths[0]
            yield directory.name, description, parts

    def _check_room(self, size: int) -> None:
        if not has_room(self._directory, size):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._directory))


def _has_slots(parts: Sequence[StoredPart], length: int) -> bool:
    """Return whether the parts, each in its slot, are the whole object."""
    sizes = [part.size for part in parts]
    return (
        [part.number for part in parts] == list(range(1, len(parts) + 1))
        and all(size == length for size in sizes[:-1])
        and sizes[-1] <= length
    )


def _open(path: Path) -> BinaryIO:
    """Open a file for reading and writing, and create it if it doesn't exist."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
