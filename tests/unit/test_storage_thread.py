"""A write to S3 that waits for the disk holds up no request that reads an object."""

import asyncio
from contextvars import ContextVar
from threading import Event, current_thread
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.storage_thread import StorageThread, reads_one_object

account: ContextVar[str] = ContextVar("account")


class S3:
    """MiniStack's module, whose PUT waits for `disk`."""

    def __init__(self) -> None:
        self.disk = Event()
        self.handled: list[str] = []

    async def handle_request(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> tuple[str, str, str]:
        if method in {"PUT", "DELETE"}:
            self.disk.wait(10)
        if method == "POST":
            await asyncio.sleep(0)
        self.handled.append(f"{method} {path}")
        return account.get(), current_thread().name.partition("_")[0], f"{headers}{body!r}{query}"


def test_reading_does_not_wait_for_writes_which_take_turns() -> None:
    s3 = S3()
    module = SimpleNamespace(handle_request=s3.handle_request)
    StorageThread(module).install()

    async def run() -> list[tuple[str, str, str]]:
        account.set("one")
        writes = [
            asyncio.create_task(module.handle_request("PUT", f"/b/{key}", {"a": "b"}, b"x", {})) for key in "abc"
        ]
        listing = asyncio.create_task(module.handle_request("GET", "/b", {}, b"", {}))
        await asyncio.sleep(0.01)
        read = await module.handle_request("GET", "/b/d", {}, b"", {"X-Amz-Signature": ["0"]})
        s3.disk.set()
        return [read, *await asyncio.gather(*writes, listing)]

    responses = asyncio.run(run())
    assert s3.handled == ["GET /b/d", "PUT /b/a", "PUT /b/b", "PUT /b/c", "GET /b"]
    assert responses[0] == ("one", "MainThread", "{}b''{'X-Amz-Signature': ['0']}")
    assert responses[1:4] == [("one", "s3", "{'a': 'b'}b'x'{}")] * 3
    assert responses[4] == ("one", "s3", "{}b''{}")


@pytest.mark.parametrize(
    ("method", "written"), [("PUT", "/b/a"), ("DELETE", "/b/a"), ("PUT", "/b"), ("PUT", "/b/")]
)
def test_an_object_is_read_after_the_writes_that_came_before_are_on_disk(method: str, written: str) -> None:
    s3 = S3()
    module = SimpleNamespace(handle_request=s3.handle_request)
    StorageThread(module).install()

    async def run() -> None:
        account.set("one")
        write = asyncio.create_task(module.handle_request(method, written, {}, b"", {}))
        await asyncio.sleep(0)
        write.cancel()  # its client has gone, but MiniStack still writes
        reads = [asyncio.create_task(module.handle_request("GET", path, {}, b"", {})) for path in ("/b/a", "/c/a")]
        await asyncio.sleep(0.01)
        assert s3.handled == ["GET /c/a"]
        s3.disk.set()
        await asyncio.gather(*reads)
        assert s3.handled == ["GET /c/a", f"{method} {written}", "GET /b/a"]
        await asyncio.gather(write, return_exceptions=True)

    asyncio.run(run())


def test_later_writes_hold_up_no_reader() -> None:
    s3 = S3()
    module = SimpleNamespace(handle_request=s3.handle_request)
    storage = StorageThread(module)
    storage.install()

    async def run() -> None:
        account.set("one")
        first = asyncio.create_task(module.handle_request("PUT", "/b/a", {}, b"", {}))
        await asyncio.sleep(0)
        read = asyncio.create_task(module.handle_request("HEAD", "/b/a", {}, b"", {}))
        await asyncio.sleep(0)
        s3.disk.set()
        while not first.done():
            s3.disk.set()
            await asyncio.sleep(0)
        s3.disk.clear()
        second = asyncio.create_task(module.handle_request("PUT", "/b/a", {}, b"", {}))
        await asyncio.wait_for(read, 5)
        s3.disk.set()
        await second
        assert storage._writes == {}

    asyncio.run(run())


def test_a_request_that_waits_for_another_service_fails() -> None:
    module = SimpleNamespace(handle_request=S3().handle_request)
    StorageThread(module).install()
    with pytest.raises(RuntimeError, match="waits for another service"):
        asyncio.run(module.handle_request("POST", "/b", {}, b"", {}))


@pytest.mark.parametrize(
    ("method", "path", "parameters", "expected"),
    [
        ("GET", "/bucket/key", [], True),
        ("HEAD", "/bucket/a/b/", [], True),
        ("GET", "/bucket/key", ["X-Amz-Signature", "response-content-type"], True),
        ("GET", "/bucket/key", ["uploadId"], False),
        ("GET", "/bucket/key", ["tagging"], False),
        ("GET", "/bucket/", [], False),
        ("HEAD", "/bucket", [], False),
        ("GET", "/", [], False),
        ("PUT", "/bucket/key", [], False),
        ("DELETE", "/bucket/key", [], False),
    ],
)
def test_only_objects_are_read_by_the_event_loop(
    method: str, path: str, parameters: list[str], expected: bool
) -> None:
    assert reads_one_object(method, path, parameters) is expected
