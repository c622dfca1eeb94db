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

from chalicelib.core import errors
from chalicelib.core.errors import (
    RESOURCE_LIMIT_EXCEEDED,
    STORAGE_UNAVAILABLE,
    UNREADABLE_ARCHIVE,
    UNREADABLE_CONTENT,
    UNREADABLE_PDF,
    BadContentError,
    ErrorKind,
    ServiceError,
)
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.processors.detection.detect import detect
from chalicelib.processors.registry import PROCESSORS
from chalicelib.processors.sandbox import parent, protocol
from tests.processors import misbehaving_processor, recorded_imports
from tests.processors.sample_files import samples_of

MODULE = misbehaving_processor.__name__
MEDIA_TYPE = "text/plain"

ERROR_KINDS = {name: kind for name, kind in vars(errors).items() if isinstance(kind, ErrorKind)}


def fork_servers() -> list[psutil.Process]:
    """This process may have other children, such as PostgreSQL and MiniStack."""
    return [child for child in psutil.Process().children() if "-I" in child.cmdline()]


def sandboxed_children() -> list[psutil.Process]:
    servers = fork_servers()
    assert len(servers) <= 1
    return [child for server in servers for child in server.children()]


def run_sandboxed(function: str, content: bytes = b"content") -> ProcessorResult:
    return parent.run_sandboxed(MODULE, io.BytesIO(content), len(content), MEDIA_TYPE, function)


def test_result_and_media_type_cross_the_pipe() -> None:
    facts = {"end": "ent", "size": 7, "media_type": MEDIA_TYPE}
    assert run_sandboxed("describe") == ProcessorResult(facts, b"a picture")


def test_large_file_is_read_over_the_pipe() -> None:
    result = run_sandboxed("read_twice", bytes(10_000_000))
    assert result.facts == {"read": 20_000_000, "size": 10_000_000}


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        ("allocate_a_gibibyte", RESOURCE_LIMIT_EXCEEDED),
        ("read_without_memory", RESOURCE_LIMIT_EXCEEDED),
        ("crash", RESOURCE_LIMIT_EXCEEDED),
        ("refuse", UNREADABLE_PDF),
        ("divide_by_zero", UNREADABLE_CONTENT),
    ],
)
def test_failure_of_the_child_is_bad_content_in_the_parent(function: str, kind: ErrorKind) -> None:
    with pytest.raises(BadContentError) as caught:
        run_sandboxed(function, bytes(1_000_000))
    assert caught.value.kind is kind


@pytest.mark.parametrize("name", ERROR_KINDS)
def test_every_error_kind_crosses_the_pipe(name: str) -> None:
    """Two kinds may have the same code."""
    with pytest.raises(BadContentError) as caught:
        run_sandboxed("raise_named_error", name.encode())
    assert caught.value.kind is ERROR_KINDS[name]


def test_error_fields_cross_the_pipe() -> None:
    error = BadContentError(UNREADABLE_ARCHIVE, reason="it is damaged")
    decoded = protocol.decode_error(protocol.encode_error(error))
    assert (decoded.kind, decoded.fields, decoded.message) == (error.kind, error.fields, error.message)


def test_error_kind_of_a_processors_own_crosses_the_pipe() -> None:
    with pytest.raises(BadContentError) as caught:
        run_sandboxed("raise_own_error")
    assert caught.value.kind == misbehaving_processor.OWN_KIND
    assert caught.value.message == "The file is bad: it is too short."


@pytest.mark.parametrize("function", ["sleep", "loop_forever"])
def test_child_that_exceeds_the_time_limit_is_ended(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parent, "SECONDS", 1)
    begin = time.monotonic()
    with pytest.raises(BadContentError) as caught:
        run_sandboxed(function)
    assert caught.value.kind is RESOURCE_LIMIT_EXCEEDED
    assert time.monotonic() - begin < 10
    assert sandboxed_children() == []


def test_crash_is_noticed_at_once() -> None:
    begin = time.monotonic()
    with pytest.raises(BadContentError):
        run_sandboxed("crash")
    assert time.monotonic() - begin < parent.SECONDS / 2


def test_slow_storage_is_not_bad_content(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            time.sleep(1.5)
            return super().read(size)

    monkeypatch.setattr(parent, "SECONDS", 1)
    with pytest.raises(ServiceError) as caught:
        parent.run_sandboxed(MODULE, Slow(bytes(1_000_000)), 1_000_000, MEDIA_TYPE, "read_twice")
    assert caught.value.kind is STORAGE_UNAVAILABLE
    assert sandboxed_children() == []


def test_processor_that_cannot_be_imported_is_not_the_files_fault() -> None:
    with pytest.raises(ChildProcessError, match="didn't start"):
        parent.run_sandboxed("chalicelib.processors.nothing", io.BytesIO(b"content"), 7, MEDIA_TYPE)


def test_external_kill_is_not_the_files_fault() -> None:
    with pytest.raises(ChildProcessError, match="ended"):
        run_sandboxed("terminate")


def test_storage_error_is_raised_in_the_parent_and_ends_the_child() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ServiceError(STORAGE_UNAVAILABLE, requested=size)

    with pytest.raises(ServiceError, match="storage_unavailable"):
        parent.run_sandboxed(MODULE, Failing(), 7, MEDIA_TYPE)
    assert sandboxed_children() == []


def test_libraries_may_print_to_stdout() -> None:
    assert run_sandboxed("print_and_describe") == run_sandboxed("describe")


def test_one_fork_server_serves_all_files_until_it_is_stopped() -> None:
    run_sandboxed("describe")
    [server] = fork_servers()
    with pytest.raises(BadContentError):
        run_sandboxed("crash")
    assert server.is_running()
    parent.SERVER.stop()
    assert not server.is_running()


def test_killed_fork_server_is_restarted() -> None:
    run_sandboxed("describe")
    [server] = fork_servers()
    server.kill()
    psutil.wait_procs([server])
    assert run_sandboxed("describe").facts["size"] == 7


def test_state_of_one_file_is_not_visible_to_the_next() -> None:
    assert run_sandboxed("count_calls").facts == run_sandboxed("count_calls").facts == {"count": 1}


@pytest.mark.parametrize("name", [name for name, spec in PROCESSORS.items() if spec.sandboxed])
def test_a_child_imports_nothing_that_the_next_one_would_import_again(name: str) -> None:
    for content in samples_of(name):
        media_type = detect(io.BytesIO(content), len(content))
        result = parent.run_sandboxed(recorded_imports.__name__, io.BytesIO(content), len(content), media_type)
        assert result.facts == {"imported": []}, media_type


def test_memory_limit_does_not_include_what_the_server_has_loaded() -> None:
    assert run_sandboxed("allocate_most_memory").facts == {"allocated": parent.MEMORY * 3 // 4}
    run_sandboxed("describe")
    assert run_sandboxed("allocate_most_memory").facts == {"allocated": parent.MEMORY * 3 // 4}


def test_concurrent_threads_get_their_own_results() -> None:
    contents = [bytes([number]) * (number + 3) for number in range(20)]
    with ThreadPoolExecutor(4) as threads:
        facts_of_all = threads.map(lambda content: run_sandboxed("describe", content).facts, contents)
    assert [facts["size"] for facts in facts_of_all] == [len(content) for content in contents]


def test_exit_code_of_an_interrupted_request_is_not_taken_for_the_next_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupt(_: parent.ForkServer) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(parent.ForkServer, "_exit_code", interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_sandboxed("describe")
    with pytest.raises(ChildProcessError, match="-15"):
        run_sandboxed("terminate")


def test_incomplete_message_is_ignored() -> None:
    ours, theirs = Pipe()
    with ours, theirs:
        with socket.socket(fileno=os.dup(theirs.fileno())) as raw:
            raw.sendall(struct.pack("!i", 100) + b"d")  # the first of a hundred bytes
        theirs.close()
        assert parent._Session(ours, io.BytesIO()).result() is None
