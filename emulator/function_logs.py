"""Shows what the functions log. MiniStack puts it into CloudWatch Logs, where nobody looks while developing."""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from emulator.app_spec import Description

LOOK_SECONDS = 1.0
LATE_MS = 2_000
"""MiniStack reads the clock and stores the lines then: some may come after others with a later time."""
MOST_LINES = 10_000
"""What one answer holds. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
MiniStack leaves out what is beyond, and the token to ask for it."""
PLATFORM = re.compile(r"(START|END|REPORT) RequestId: ")
"""How the lines begin that Lambda itself writes around each invocation's."""


@dataclass
class _Group:
    """One function's log group. MiniStack stores an invocation's lines at its end, all at once and with one time,
    in a stream of their own (ministack/services/lambda_svc.py, _emit_lambda_logs)."""

    function: str
    since_ms: int
    shown: Counter[str] = field(default_factory=Counter)
    """How many lines of each stream, of those since then."""

    def new(self, events: list[dict[str, Any]]) -> Iterator[str]:
        """Yield the lines that weren't yielded before. `events` are all since `since_ms`, oldest first."""
        found: Counter[str] = Counter()
        for event in events:
            stream = event["logStreamName"]
            found[stream] += 1
            if found[stream] > self.shown[stream]:
                yield event["message"]
        if events:
            newest = events[-1]["timestamp"]
            late = 0 if len(events) >= MOST_LINES else LATE_MS
            self.since_ms = max(self.since_ms, newest - late)
        self.shown = found


class FunctionLogs:
    """A thread that looks for new lines once a second and says them: JSON as it is, all else with the function's
    name before it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._logs: Any = None
        self._groups: dict[str, _Group] = {}
        self._stopping = Event()
        self._thread: Thread | None = None

    def follow(self, logs: Any, description: Description) -> None:
        """Show what the app's functions log from now on. `logs` is boto3's client.

        Can be called again, with another description.
        """
        now_ms = int(time.time() * 1000)
        new = {
            f"/aws/lambda/{description.deployed(function)}": _Group(function.name, now_ms)
            for function in description.functions
        }
        self._groups = new | {name: group for name, group in self._groups.items() if name in new}
        if self._thread is None:
            self._logs = logs
            self._thread = Thread(target=self._run, name="function logs")
            self._thread.start()

    def stop(self) -> None:
        """Show what has come since the last look, and end. Harmless when it doesn't run."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()
        self._look()

    def _look(self) -> None:
        for name, group in self._groups.items():
            try:
                answer = self._logs.filter_log_events(
                    logGroupName=name, startTime=group.since_ms, limit=MOST_LINES
                )
            except (
                BotoCoreError,
                ClientError,
            ):  # not called yet, or MiniStack is busy: there will be another look
                continue
            for line in group.new(answer["events"]):
                self._show(group.function, line)

    def _show(self, function: str, line: str) -> None:
        if line.startswith("{"):
            self._say(line)
        elif line.strip() and not PLATFORM.match(line):
            self._say(f"{function}: {line}")
