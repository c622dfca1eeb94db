"""Lets MiniStack's S3 write in a thread.

A write waits for the disk. In the event loop it blocked all other requests, also to other services.

Only MiniStack's process uses this module. It replaces a function of ministack/services/s3.py (1.5.33).
"""

import asyncio
from asyncio import Future
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

READ_PARAMETERS = ("x-amz-", "response-")
"""How the names of the parameters begin with which an object is read by a presigned URL."""


class StorageThread:
    """Replacement for MiniStack's function. `s3` is its module.

    Requests that read one object are handled by the event loop, once the writes to it that came before are on
    disk: MiniStack's memory has an object earlier, and notifies queues of it. All others take turns in one thread,
    as they did in the event loop: a listing doesn't see a bucket that is being changed.
    """

    def __init__(self, s3: Any) -> None:
        self._handle = s3.handle_request  # MiniStack has no hooks
        self._s3 = s3
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="s3")
        self._writes: dict[str, Future[Any]] = {}
        """The last unfinished write to each object, or to any object of a bucket, by their paths."""

    def install(self) -> None:
        """Let MiniStack call the method below instead of its own function."""
        self._s3.handle_request = self.handle_request

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any], **options: Any
    ) -> Any:
        """Respond to a request as MiniStack does."""
        arguments = (method, path, headers, body, query)
        if reads_one_object(method, path, query):
            await self._wait_for_writes(path)
            return await self._handle(*arguments, **options)
        context = copy_context()
        response = asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: context.run(self._run, *arguments, **options)
        )
        if method not in {"GET", "HEAD"}:
            self._remember_write(path.strip("/"), response)
        return await asyncio.shield(response)

    async def _wait_for_writes(self, path: str) -> None:
        """Wait for those that came before. Later ones could delay an object's readers forever."""
        object_path = path.strip("/")
        names = (object_path, object_path.partition("/")[0])
        if writes := [self._writes[name] for name in names if name in self._writes]:
            await asyncio.wait(writes)

    def _remember_write(self, name: str, response: "Future[Any]") -> None:
        def forget(_: object) -> None:
            if self._writes.get(name) is response:
                del self._writes[name]

        self._writes[name] = response
        response.add_done_callback(forget)

    def _run(self, *arguments: Any, **options: Any) -> Any:
        """Run MiniStack's coroutine, which is never suspended."""
        coroutine = self._handle(*arguments, **options)
        try:
            coroutine.send(None)
        except StopIteration as end:
            return end.value
        coroutine.close()
        raise RuntimeError("MiniStack's S3 waits for another service")


def reads_one_object(method: str, path: str, parameters: Iterable[str]) -> bool:
    """Return whether a request is GetObject or HeadObject."""
    _, _, key = path.strip("/").partition("/")
    is_plain = all(name.lower().startswith(READ_PARAMETERS) for name in parameters)
    return method in {"GET", "HEAD"} and bool(key) and is_plain
