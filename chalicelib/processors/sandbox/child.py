"""The fork server and its children: a process that loads processors and forks for each file.

It runs nothing else and has one thread, so that forking is safe. Children needn't load what it has loaded.
"""

import codecs
import gc
import json
import os
import resource
import signal
import socket
from contextlib import suppress
from functools import cache
from importlib import import_module
from io import BufferedReader
from multiprocessing.connection import Connection
from pathlib import Path
from traceback import print_exc

from chalicelib.core.errors import BadContentError
from chalicelib.core.streams.reader import SeekableReader
from chalicelib.processors.sandbox.protocol import (
    DONE,
    EXITED,
    FAILED,
    RANGE,
    READ,
    READY,
    encode_error,
    encode_result,
)
from chalicelib.processors.sandbox.runner import run

MAX_REQUEST = 4096

_ENCODINGS = ("cp437", "utf-16-le")
"""Of names in zips, and of texts in Office's older files and in PDFs. Python loads each when it is first used."""

_MIN_READ = 64 * 1024
"""Bytes that cross the pipe at once, so that small reads don't each wait for the other process."""

_MAX_READ = 1024 * 1024
"""Bytes that cross the pipe at once; both sides hold a copy meanwhile."""


def serve(control: int) -> None:
    """Handle requests until the parent closes the socket. Each is a number and the arguments of `handle_request`
    as JSON, with the child's end of the pipe attached."""
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    with socket.socket(fileno=control) as requests:
        while True:
            request, handles, _, _ = socket.recv_fds(requests, MAX_REQUEST, 1)
            if not request:
                return
            number, *arguments = json.loads(request)
            with Connection(handles[0]) as pipe:
                exit_code = _fork_and_wait(pipe, *arguments)
            with suppress(BrokenPipeError):  # the parent has exited
                requests.sendall(EXITED.pack(number, exit_code))


def _fork_and_wait(
    pipe: Connection, module_name: str, function: str, size: int, media_type: str, seconds: int, memory: int
) -> int:
    """Return the child's exit code, negative for a signal."""
    try:
        _load(module_name, media_type)
    except Exception:  # noqa: BLE001  # any import error; the next request may be for another module
        print_exc()
        return 1
    child = os.fork()
    if child == 0:
        exit_code = 1
        try:
            handle_request(pipe, module_name, function, size, media_type, seconds, memory)
            exit_code = 0
        except BaseException:  # noqa: BLE001  # the loop of the server must not go on in the child
            print_exc()
        finally:
            os._exit(exit_code)
    pipe.close()  # so that the pipe ends when the child does
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@cache
def _load(module_name: str, media_type: str) -> None:
    """Import the processor, and what it needs for this type of file: whatever is imported in a child is imported
    again in the next one. Nothing is collected as garbage in a child that was there before it: that would copy the
    memory that it shares with this process."""
    processor = import_module(module_name)
    if preload := getattr(processor, "preload", None):
        preload(media_type)
    gc.freeze()


def handle_request(
    pipe: Connection, module_name: str, function: str, size: int, media_type: str, seconds: int, memory: int
) -> None:
    """Run the processor on one file within limits, and send the result. A signal ends a child that takes longer,
    by the clock or in processor time."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_DATA, (_data_bytes() + memory,) * 2)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    pipe.send_bytes(READY)  # from here on, the file counts as the cause of a crash
    try:
        result = run(module_name, BufferedReader(PipeReader(pipe, size), _MIN_READ), size, media_type, function)
    except (EOFError, ConnectionError):
        pass  # the parent has closed the pipe
    except BadContentError as error:
        pipe.send_bytes(FAILED + encode_error(error))
    else:
        pipe.send_bytes(DONE + encode_result(result))


def _data_bytes() -> int:
    """Return the bytes of data that this process has, as the limit counts them. proc_pid_statm(5)"""
    with suppress(FileNotFoundError), Path("/proc/self/statm").open() as counts:
        return int(counts.read().split()[5]) * resource.getpagesize()
    return 0  # not Linux


class PipeReader(SeekableReader):
    """The file, whose ranges the parent sends over the pipe."""

    def __init__(self, pipe: Connection, size: int) -> None:
        super().__init__(size)
        self._pipe = pipe

    def read_at(self, start: int, length: int) -> bytes:
        self._pipe.send_bytes(READ + RANGE.pack(start, min(length, _MAX_READ)))
        return self._pipe.recv_bytes()
