"""Shows what the functions log in a MiniStack that the developer has started, which stores it in CloudWatch Logs.

The emulator's own MiniStack writes it to a pipe (emulator/function_log_pipe.py).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.app_spec import AppSpec
from emulator.aws_clients import AwsClients
from emulator.function_log_pipe import print_function_line

POLL_SECONDS = 1.0
LATE_MS = 2_000
"""MiniStack reads the clock and stores the lines later: some may be stored after others with a later time."""
MAX_LINES = 10_000
"""The most lines in a response.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
MiniStack omits the rest, and the token to request it."""


@dataclass
class _LogGroup:
    """One function's log group. MiniStack stores an invocation's lines at its end, all at once and with one time,
    in a stream of their own (ministack/services/lambda_svc.py, _emit_lambda_logs)."""

    function: str
    since_ms: int
    shown: Counter[str] = field(default_factory=Counter)
    """How many lines of each stream were shown, of those since `since_ms`."""

    def new_lines(self, events: list[dict[str, Any]]) -> Iterator[str]:
        """Yield the lines that weren't yielded before. `events` are all since `since_ms`, oldest first."""
        counts: Counter[str] = Counter()
        for event in events:
            stream = event["logStreamName"]
            counts[stream] += 1
            if counts[stream] > self.shown[stream]:
                yield event["message"]
        if events:
            newest = events[-1]["timestamp"]
            late = 0 if len(events) >= MAX_LINES else LATE_MS
            self.since_ms = max(self.since_ms, newest - late)
        self.shown = counts


class FunctionLogPolling:
    """A thread that polls for new lines once a second and prints them: JSON unchanged, other lines with the
    function's name in front."""

    def __init__(self, url: str, environment: Mapping[str, str], print_line: Callable[[str], None]) -> None:
        """Use the MiniStack at `url`, with the environment's credentials and region.

        Raises EmulatorError if the environment has none that can be used.
        """
        self._print_line = print_line
        clients = AwsClients(url, environment)
        self._client = clients.make("logs", read_timeout=5, retries={"total_max_attempts": 1})
        self._groups: dict[str, _LogGroup] = {}
        self._stopping = Event()
        self._thread: Thread | None = None

    def follow(self, app_spec: AppSpec) -> None:
        """Print what the app's functions log from now on. Can be called again, with another AppSpec."""
        now_ms = int(time.time() * 1000)
        groups = {
            f"/aws/lambda/{app_spec.deployed_name(function)}": _LogGroup(function.name, now_ms)
            for function in app_spec.functions
        }
        self._groups = groups | {name: group for name, group in self._groups.items() if name in groups}
        if self._thread is None:
            self._thread = Thread(target=self._run, name="function logs")
            self._thread.start()

    def stop(self) -> None:
        """Print what has come since the last poll, and end the thread. Does nothing if it isn't running."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            self._poll()
        self._poll()

    def _poll(self) -> None:
        for name, group in self._groups.items():
            try:
                response = self._client.filter_log_events(
                    logGroupName=name, startTime=group.since_ms, limit=MAX_LINES
                )
            except (BotoCoreError, ClientError):
                # The function wasn't invoked yet, or MiniStack is busy: the next poll may succeed.
                continue
            for line in group.new_lines(response["events"]):
                print_function_line(group.function, line, self._print_line)
