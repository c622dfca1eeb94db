"""Shows what the functions log. MiniStack stores it in CloudWatch Logs, where a developer doesn't look."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.app_spec import AppSpec

POLL_SECONDS = 1.0
LATE_MS = 2_000
"""MiniStack reads the clock and stores the lines later: some may be stored after others with a later time."""
MAX_LINES = 10_000
"""The most lines in a response.
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
MiniStack omits the rest, and the token to request it."""
PLATFORM_LINE = re.compile(r"(START|END|REPORT) RequestId: ")
"""How the lines begin that Lambda itself writes around those of each invocation."""


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


class FunctionLogs:
    """A thread that polls for new lines once a second and prints them: JSON unchanged, other lines with the
    function's name in front."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line = print_line
        self._client: Any = None
        self._groups: dict[str, _LogGroup] = {}
        self._stopping = Event()
        self._thread: Thread | None = None

    def follow(self, client: Any, app_spec: AppSpec) -> None:
        """Print what the app's functions log from now on. `client` is boto3's for `logs`.

        Can be called again, with another AppSpec.
        """
        now_ms = int(time.time() * 1000)
        groups = {
            f"/aws/lambda/{app_spec.deployed_name(function)}": _LogGroup(function.name, now_ms)
            for function in app_spec.functions
        }
        self._groups = groups | {name: group for name, group in self._groups.items() if name in groups}
        if self._thread is None:
            self._client = client
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
                self._print(group.function, line)

    def _print(self, function: str, line: str) -> None:
        if line.startswith("{"):
            self._print_line(line)
        elif line.strip() and not PLATFORM_LINE.match(line):
            self._print_line(f"{function}: {line}")
