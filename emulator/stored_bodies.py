"""Makes MiniStack send an object from its file: it reads every object as a whole, also for a range of a few bytes.

Only MiniStack's process uses this module. It replaces two functions of ministack/services/s3.py (1.5.33).
"""

import os
from contextvars import ContextVar
from typing import Any

from ministack.core.responses import StreamingResponse

from emulator.asgi import Receive, Send

CHUNK_BYTES = 1_048_576
"""A longer body is sent in pieces of this size."""

_is_download: ContextVar[bool] = ContextVar("is_download", default=False)


class StoredBodies:
    """Replacements for MiniStack's functions. `s3` is its module."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3
        self._get = s3._get_object  # MiniStack has no hooks
        self._read = s3._read_body

    def install(self) -> None:
        """Let MiniStack call the methods below instead of its own functions."""
        self._s3._get_object = self.get
        self._s3._read_body = self.read

    def get(self, *arguments: Any) -> Any:
        """GetObject: the body of its response may be a FileBody."""
        token = _is_download.set(True)
        try:
            return self._get(*arguments)
        finally:
            _is_download.reset(token)

    def read(self, bucket: str, key: str, record: dict[str, Any]) -> Any:
        """Return an object's bytes; those of a large one as a FileBody if they are to be sent."""
        if _is_download.get() and record.get("body") is None and record["size"] > CHUNK_BYTES:
            path = self._s3._object_disk_path(bucket, key)
            try:
                return FileBody(os.open(path, os.O_RDONLY))
            except OSError:
                pass  # MiniStack logs it
        return self._read(bucket, key, record)


class _OpenFile:
    """A file that is closed with its last user: an object may be deleted while it is sent."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __del__(self) -> None:
        os.close(self.descriptor)


class FileBody(StreamingResponse):  # type: ignore[misc]  # MiniStack has no types
    """A range of a file, as the body of a response. A slice of it is another one, or bytes if it is short."""

    def __init__(self, file: "int | _OpenFile", start: int = 0, stop: int | None = None) -> None:
        super().__init__(self._send)
        self._file = _OpenFile(file) if isinstance(file, int) else file
        self._start = start
        self._stop = os.fstat(self._file.descriptor).st_size if stop is None else stop

    def __len__(self) -> int:
        return self._stop - self._start

    def __getitem__(self, part: slice) -> "bytes | FileBody":
        start, stop, _ = part.indices(len(self))
        if stop - start <= CHUNK_BYTES:
            return os.pread(self._file.descriptor, max(stop - start, 0), self._start + start)
        return FileBody(self._file, self._start + start, self._start + stop)

    async def _send(self, send: Send, receive: Receive) -> None:  # noqa: ARG002  # as MiniStack calls it
        for start in range(0, len(self), CHUNK_BYTES):
            stop = min(start + CHUNK_BYTES, len(self))
            chunk = self[start:stop]
            await send({"type": "http.response.body", "body": chunk, "more_body": stop < len(self)})
