"""A processor in a process of its own."""

import io
import os
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Pipe

import psutil
import pytest

from chalicelib.core.errors import (
    RESOURCE_LIMIT_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UNREADABLE_CONTENT,
    UNREADABLE_PDF,
    BadContentError,
    ErrorKind,
    ServiceError,
)
from chalicelib.core.processing.processor_result import Described
from chalicelib.processors.sandbox import parent
from tests.processors import misbehaving_processor


def children_that_describe() -> list[psutil.Process]:
    """Those of the server; this process may have others, such as PostgreSQL and MiniStack."""
    servers = [child for child in psutil.Process().children() if "-I" in child.cmdline()]
    assert len(servers) <= 1
    return [child for server in servers for child in server.children()]


def apart(function: str, content: bytes = b"content") -> Described:
    return parent.run_apart(misbehaving_processor.__name__, io.BytesIO(content), len(content), function)


def test_what_it_tells_comes_over() -> None:
    assert apart("describe") == Described({"end": "ent", "size": 7}, b"a picture")


def test_a_large_file_is_read_over_the_pipe() -> None:
    described = apart("reads_it_twice", bytes(10_000_000))
    assert described.facts == {"read": 20_000_000, "size": 10_000_000}


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("takes_memory", RESOURCE_LIMIT_EXCEEDED),
        ("takes_memory_to_read", RESOURCE_LIMIT_EXCEEDED),
        ("crashes", RESOURCE_LIMIT_EXCEEDED),
        ("refuses", UNREADABLE_PDF),
        ("stumbles", UNREADABLE_CONTENT),
    ],
)
def test_what_goes_wrong_there_is_bad_content_here(function: str, kind: ErrorKind) -> None:
    with pytest.raises(BadContentError) as caught:
        apart(function, bytes(1_000_000))
    assert caught.value.kind is kind


@pytest.mark.parametrize("function", ["sleeps", "computes"])
def test_one_that_takes_too_long_is_ended(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "SECONDS", 1)
    begin = time.monotonic()
    with pytest.raises(BadContentError) as caught:
        apart(function)
    assert caught.value.kind is RESOURCE_LIMIT_EXCEEDED
    assert time.monotonic() - begin < 10
    assert children_that_describe() == []


def test_a_crash_is_noticed_at_once() -> None:
    begin = time.monotonic()
    with pytest.raises(BadContentError):
        apart("crashes")
    assert time.monotonic() - begin < parent.SECONDS / 2


def test_time_that_the_storage_took_is_its_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            time.sleep(1.5)
            return super().read(size)

    monkeypatch.setattr(parent, "SECONDS", 1)
    with pytest.raises(ServiceError) as caught:
        parent.run_apart(misbehaving_processor.__name__, Slow(bytes(1_000_000)), 1_000_000, "reads_it_twice")
    assert caught.value.kind is STORAGE_UNAVAILABLE
    assert children_that_describe() == []


def test_a_processor_that_cannot_be_loaded_is_no_fault_of_the_file() -> None:
    with pytest.raises(ChildProcessError, match="didn't start"):
        parent.run_apart("chalicelib.processors.nothing", io.BytesIO(b"content"), 7)


def test_one_that_is_ended_by_somebody_else_neither() -> None:
    with pytest.raises(ChildProcessError, match="ended"):
        apart("is_ended")


def test_a_fault_of_the_storage_is_raised_here_and_the_child_ends() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ServiceError(STORAGE_UNAVAILABLE, asked=size)

    with pytest.raises(ServiceError, match="storage_unavailable"):
        parent.run_apart(misbehaving_processor.__name__, Failing(), 7)
    assert children_that_describe() == []


def test_libraries_may_print() -> None:
    assert apart("talks") == apart("describe")


def test_one_server_starts_them_all_and_ends_with_us() -> None:
    apart("describe")
    [server] = [child for child in psutil.Process().children() if "-I" in child.cmdline()]
    with pytest.raises(BadContentError):
        apart("crashes")
    assert server.is_running()
    parent.SERVER.stop()
    assert not server.is_running()


def test_a_server_that_was_ended_is_started_anew() -> None:
    apart("describe")
    [server] = [child for child in psutil.Process().children() if "-I" in child.cmdline()]
    server.kill()
    psutil.wait_procs([server])
    assert apart("describe").facts["size"] == 7


def test_what_one_file_leaves_behind_is_not_there_for_the_next() -> None:
    assert apart("counts").facts == apart("counts").facts == {"count": 1}


def test_what_the_server_has_loaded_takes_nothing_from_the_file() -> None:
    """The limit is of what a child takes itself."""
    assert apart("takes_most_of_it").facts == {"taken": parent.MEMORY * 3 // 4}
    apart("describe")
    assert apart("takes_most_of_it").facts == {"taken": parent.MEMORY * 3 // 4}


def test_files_of_several_threads_wait_for_each_other() -> None:
    contents = [bytes([number]) * (number + 3) for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        told = threads.map(lambda content: apart("describe", content).facts, contents)
    assert [facts["size"] for facts in told] == [len(content) for content in contents]


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: parent.Server) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(parent.Server, "_exit_code", interrupted)
        with pytest.raises(KeyboardInterrupt):
            apart("describe")
    with pytest.raises(ChildProcessError, match="-15"):
        apart("is_ended")


def test_half_an_answer_is_none() -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        with socket.socket(fileno=os.dup(theirs.fileno())) as raw:
            raw.sendall(struct.pack("!i", 100) + b"d")  # of a hundred bytes the first
        theirs.close()
        assert parent._Dialogue(ours, io.BytesIO()).answer() is None
