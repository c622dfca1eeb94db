"""Makes MiniStack store objects as S3 does: what it accepts is on disk.

MiniStack logs that it couldn't write an object's file, and responds 200; after a restart the object is gone. Here
such a write fails, and the object is again what it was before. Files are also flushed to the disk, as PostgreSQL
flushes its own: otherwise a row could survive a power cut that its object doesn't.

Only MiniStack's process uses this module. It replaces three functions of ministack/services/s3.py (1.5.33).
"""

import errno
import json
import os
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from emulator.disk_space import has_room

SIDECAR_SUFFIX = ".meta.json"
"""MiniStack keeps an object's metadata in a second file beside it."""
SIDECAR_BYTES = 8192
"""More than the metadata of an object without versions needs: 2 KB from the client, a key of 1 KB, some fields."""
TEMPORARY_SUFFIX = ".tmp"
"""MiniStack ignores files with this suffix when it starts."""

failures: ContextVar[list[OSError] | None] = ContextVar("failures", default=None)
"""The failed writes of the request that is being handled."""


class ObjectFiles:
    """Replacements for MiniStack's functions. `s3` is its module."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._persist = s3._persist_object  # MiniStack has no hooks
        self._delete = s3._delete_persisted_object

    def install(self) -> None:
        """Let MiniStack call the methods below instead of its own functions."""
        self._s3._atomic_write = write_file
        self._s3._persist_object = self.persist_object
        self._s3._delete_persisted_object = self.delete_object

    def persist_object(self, bucket: str, key: str, record: dict[str, Any]) -> None:
        """Write the object's files. Raises OSError, after the object is again what is on disk."""
        self._persist(bucket, key, record)
        if record.get("body") is not None:  # MiniStack drops it once it is on disk
            self._fail(bucket, key)

    def delete_object(self, bucket: str, key: str) -> None:
        """Delete the object's files. Raises OSError, after the object is again what is on disk."""
        path = self._path(bucket, key)
        self._delete(bucket, key)
        if path.exists():
            self._fail(bucket, key)
        self._remove_empty_directories(bucket, path.parent)

    def _fail(self, bucket: str, key: str) -> None:
        """Restore the object of MiniStack's memory from its files."""
        objects = self._s3._buckets[bucket]["objects"]
        objects.pop(key, None)
        path = self._path(bucket, key)
        if path.exists():
            metadata = json.loads(path.with_name(path.name + SIDECAR_SUFFIX).read_bytes())
            objects[key] = {**metadata, "body": None}
        error = OSError(errno.EIO, f"the files of {key} can't be changed")
        _record(error)
        raise error

    def _remove_empty_directories(self, bucket: str, path: Path) -> None:
        """Remove the directories of a deleted object, which MiniStack leaves."""
        root = Path(self._s3.DATA_DIR, self._s3.get_account_id(), bucket).resolve()
        with suppress(OSError):  # not empty
            while root in path.parents:
                path.rmdir()
                path = path.parent

    def _path(self, bucket: str, key: str) -> Path:
        return Path(self._s3._object_disk_path(bucket, key))


def remove_interrupted_writes(directory: Path) -> None:
    """Remove the files that were being written when MiniStack was killed. It must not be running.

    An object whose first metadata were being written is one of them: no client knows of it.
    """
    for path in directory.rglob(f"*{SIDECAR_SUFFIX}{TEMPORARY_SUFFIX}"):
        sidecar = path.with_name(path.name.removesuffix(TEMPORARY_SUFFIX))
        if not sidecar.exists():
            sidecar.with_name(sidecar.name.removesuffix(SIDECAR_SUFFIX)).unlink(missing_ok=True)
    for path in directory.rglob(f"*{TEMPORARY_SUFFIX}"):
        with suppress(OSError):
            path.unlink()


def write_file(path: str, data: bytes | str | Path, *, text: bool = False) -> None:  # noqa: ARG001  # MiniStack's signature
    """Replace a file atomically and flush it to the disk. A Path is a new file on the same disk, which is moved.

    MiniStack writes an object's file before its sidecar. The space for both is allocated before the first is
    replaced: otherwise a new object could be left with the metadata of the one before.

    Raises OSError, also if less than the reserve (emulator/disk_space.py) would be left.
    """
    target = Path(path)
    content = data.encode() if isinstance(data, str) else data
    temporary = _temporary(target)
    sidecar = _temporary(target.with_name(target.name + SIDECAR_SUFFIX))
    is_sidecar = target.name.endswith(SIDECAR_SUFFIX)
    try:
        if not is_sidecar:
            size = 0 if isinstance(content, Path) else len(content)
            if not has_room(target.parent, size + SIDECAR_BYTES):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)  # noqa: TRY301  # as the disk raises it
            _write(sidecar, bytes(SIDECAR_BYTES))
        if isinstance(content, Path):
            content.replace(temporary)
        else:
            _write(temporary, content, flush=True)
        temporary.replace(target)
        if is_sidecar:
            flush_directory(target.parent)
    except OSError as error:
        for leftover in [temporary] if is_sidecar else [temporary, sidecar]:
            with suppress(OSError):
                leftover.unlink()
        _record(error)
        raise


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def _write(path: Path, content: bytes, *, flush: bool = False) -> None:
    """Write a file in place, so that what was allocated for it is used."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.truncate()
        if flush:
            file.flush()
            os.fsync(file.fileno())


def flush_directory(path: Path) -> None:
    """Flush the names of files that were created or replaced."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _record(error: OSError) -> None:
    if (recorded := failures.get()) is not None:
        recorded.append(error)
