"""Passes on what MiniStack stores of the functions' logs, and limits how much it remembers.

It keeps a log stream for each invocation forever: in memory, and in its state on disk.

Only MiniStack's process uses this module. It wraps a function of ministack/services/lambda_svc.py (1.5.33).
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from functools import wraps
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


def limit_log_streams() -> None:
    """Let MiniStack forget the oldest streams of a log group when it stores one too many."""
    from ministack.services import cloudwatch_logs, lambda_svc

    store_lines = lambda_svc._emit_lambda_logs
    descriptor = os.environ.pop(DESCRIPTOR_VARIABLE, None)
    pipe = None if descriptor is None else LogPipe(int(descriptor))

    @wraps(store_lines)
    def store_lines_and_forget(
        function: dict[str, Any], request_id: str, text: str, *rest: Any, **options: Any
    ) -> None:
        store_lines(function, request_id, text, *rest, **options)
        for group in list(cloudwatch_logs._log_groups._data.values()):
            forget_oldest(group["streams"])
        if pipe is not None and text:
            pipe.write(function.get("config", function)["FunctionName"], text.splitlines())

    lambda_svc._emit_lambda_logs = store_lines_and_forget


def forget_oldest(streams: dict[str, Any]) -> None:
    """Remove the streams that were added first, until there are no more than MAX_STREAMS."""
    for name in list(streams)[: max(0, len(streams) - MAX_STREAMS)]:
        streams.pop(name, None)
