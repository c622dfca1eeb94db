"""Makes MiniStack store objects as S3 does: what it accepts is on disk.

MiniStack logs that it couldn't write an object's file, and responds 200; after a restart the object is gone. Here
such a write fails, and the object is again what it was before. Files are also flushed to the disk, as PostgreSQL
flushes its own: otherwise a row could survive a power cut that its object doesn't.

Only MiniStack's process uses this module. It replaces three functions of ministack/services/s3.py (1.5.33).
"""

import errno
import json
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Body:
    """An object's file that is written and not yet in its place."""

    target: Path
    flush: "Future[None]"


class ThreadState(threading.local):
    """What a thread is writing."""

    is_persisting = False
    body: Body | None = None
    """Of the object that is being persisted, once MiniStack has written it."""


class ObjectFiles:
    """Replacements for MiniStack's functions. `s3` is its module."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._persist = s3._persist_object  # MiniStack has no hooks
        self._delete = s3._delete_persisted_object
        self._flushes = ThreadPoolExecutor(1, thread_name_prefix="flush")
        self._thread = ThreadState()

    def install(self) -> None:
        """Let MiniStack call the methods below instead of its own functions."""
        self._s3._atomic_write = self.write
        self._s3._persist_object = self.persist_object
        self._s3._delete_persisted_object = self.delete_object

    def persist_object(self, bucket: str, key: str, record: dict[str, Any]) -> None:
        """Write the object's files. Raises OSError, after the object is again what is on disk."""
        self._thread.is_persisting = True
        try:
            self._persist(bucket, key, record)
        finally:
            self._thread.is_persisting = False
            self._drop_body()
        if record.get("body") is not None:  # MiniStack drops it once it is on disk
            self._fail(bucket, key)

    def write(self, path: str, data: bytes | str | Path, *, text: bool = False) -> None:  # noqa: ARG002  # as replaced
        """Replace a file atomically, and flush it to the disk. A Path is a new file on the same disk, to be moved.

        MiniStack writes an object's file, and then its sidecar. Both are written, and flushed at once, before the
        first is replaced: otherwise an object could be left with the metadata of the one before.

        Raises OSError, also if less than the reserve (emulator/disk_space.py) would be left.
        """
        target = Path(path)
        content = data.encode() if isinstance(data, str) else data
        try:
            if target.name.endswith(SIDECAR_SUFFIX):
                self._write_sidecar(target, content)
            else:
                self._write_body(target, content)
        except OSError as error:
            self._drop_body()
            with suppress(OSError):
                _temporary(target).unlink()
            _record(error)
            raise

    def _write_body(self, target: Path, content: bytes | Path) -> None:
        size = 0 if isinstance(content, Path) else len(content)
        if not has_room(target.parent, size + SIDECAR_BYTES):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
        if isinstance(content, Path):
            content.replace(_temporary(target))
        else:
            _write(_temporary(target), content)
        self._thread.body = Body(target, self._flushes.submit(flush, _temporary(target)))
        if not self._thread.is_persisting:  # no sidecar follows
            self._replace_body()

    def _write_sidecar(self, target: Path, content: bytes | Path) -> None:
        assert isinstance(content, bytes)
        _write(_temporary(target), content)
        flush(_temporary(target))
        self._replace_body()
        _temporary(target).replace(target)
        flush(target.parent)

    def _replace_body(self) -> None:
        if self._thread.body is not None:
            self._thread.body.flush.result()
            _temporary(self._thread.body.target).replace(self._thread.body.target)
            self._thread.body = None

    def _drop_body(self) -> None:
        """Remove what was written of a body whose sidecar can't be written."""
        if self._thread.body is not None:
            self._thread.body.flush.exception()  # which still has the file open
            with suppress(OSError):
                _temporary(self._thread.body.target).unlink()
            self._thread.body = None

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


def _temporary(path: Path) -> Path:
    return path.with_name(path.name + TEMPORARY_SUFFIX)


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def flush(path: Path) -> None:
    """Flush a file to the disk, or the names of a directory's files that were created or replaced."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _record(error: OSError) -> None:
    if (recorded := failures.get()) is not None:
        recorded.append(error)
