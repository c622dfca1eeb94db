"""Limits what MiniStack remembers of the functions' logs.

It keeps a log stream for each invocation forever: in memory, in its state on disk, and to be searched each second
for what is new (emulator/function_logs.py), which prints a stream long before MAX_STREAMS newer ones exist.

Only MiniStack's process uses this module. It wraps a function of ministack/services/lambda_svc.py (1.5.33).
"""

from functools import wraps
from typing import Any

MAX_STREAMS = 1000
"""Of each log group. In a second there are up to some hundred invocations."""


def limit_log_streams() -> None:
    """Let MiniStack forget the oldest streams of a log group when it stores one too many."""
    from ministack.services import cloudwatch_logs, lambda_svc

    store_lines = lambda_svc._emit_lambda_logs

    @wraps(store_lines)
    def store_lines_and_forget(*arguments: Any, **options: Any) -> None:
        store_lines(*arguments, **options)
        for group in list(cloudwatch_logs._log_groups._data.values()):
            forget_oldest(group["streams"])

    lambda_svc._emit_lambda_logs = store_lines_and_forget


def forget_oldest(streams: dict[str, Any]) -> None:
    """Remove the streams that were added first, until there are no more than MAX_STREAMS."""
    for name in list(streams)[: max(0, len(streams) - MAX_STREAMS)]:
        streams.pop(name, None)
