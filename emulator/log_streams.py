"""Passes on what MiniStack stores of the functions' logs, and limits how much it remembers.

It keeps a log stream for each invocation forever: in memory, and in its state on disk.

Only MiniStack's process uses this module. It wraps a function of ministack/services/lambda_svc.py (1.5.33).
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock
from typing import Any

MAX_STREAMS = 100
"""Of each log group."""
DESCRIPTOR_VARIABLE = "FUNCTION_LOG_DESCRIPTOR"
"""The environment variable with the descriptor of a pipe, in which the supervisor sets it."""


class LogPipe:
    """A pipe to the supervisor. Threads may write at once."""

    def __init__(self, descriptor: int) -> None:
        self._lock = Lock()
        self._descriptor = descriptor

    def write(self, function: str, lines: Iterable[str]) -> None:
        """Write lines that a function has logged. Waits until the supervisor has read enough of them."""
        text = "".join(f"{function}\t{line}\n" for line in lines).encode(errors="replace")
        with self._lock, suppress(OSError):  # the supervisor was killed
            while text:
                text = text[os.write(self._descriptor, text) :]


class LogStreams:
    """Wrapper of MiniStack's function. `lambda_svc` and `cloudwatch_logs` are its modules."""

    def __init__(self, lambda_svc: Any, cloudwatch_logs: Any) -> None:
        self._store = lambda_svc._emit_lambda_logs  # MiniStack has no hooks
        self._lambda = lambda_svc
        self._logs = cloudwatch_logs
        descriptor = os.environ.pop(DESCRIPTOR_VARIABLE, None)
        self._pipe = None if descriptor is None else LogPipe(int(descriptor))

    def install(self) -> None:
        """Let MiniStack call the method below instead of its own function."""
        self._lambda._emit_lambda_logs = self.store

    def store(self, function: dict[str, Any], request_id: str, text: str, *rest: Any, **options: Any) -> None:
        """Store an invocation's lines, forget the oldest streams, and write the lines to the pipe."""
        self._store(function, request_id, text, *rest, **options)
        for group in list(self._logs._log_groups._data.values()):
            forget_oldest(group["streams"])
        if self._pipe is not None and text:
            self._pipe.write(function.get("config", function)["FunctionName"], text.splitlines())


def forget_oldest(streams: dict[str, Any]) -> None:
    """Remove the streams that were added first, until there are no more than MAX_STREAMS."""
    for name in list(streams)[: max(0, len(streams) - MAX_STREAMS)]:
        streams.pop(name, None)
