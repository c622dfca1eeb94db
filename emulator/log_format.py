"""Formats the app's log lines, which are JSON, for a person at a terminal."""

import json
import os
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

DIM, RED, GREEN, YELLOW, CYAN = "2", "31", "32", "33", "36"
LEVEL_COLOURS = {"DEBUG": DIM, "INFO": GREEN, "WARNING": YELLOW, "ERROR": RED, "CRITICAL": RED}
STATUS_COLOURS = {"2": GREEN, "3": CYAN, "4": YELLOW, "5": RED}

COMMON_FIELDS = {"timestamp", "level", "logger", "message", "request_id", "exception", "exception_name"}
REPEATED_FIELDS = {"method", "path", "function", "status", "duration_ms"}
"""Those of the line that ends each invocation: the message has the first three, and the last two follow it."""

OMITTED_MESSAGES = ("Context impl ", "Will assume ")
"""How lines begin that Alembic writes at every migration, and that say nothing about this one."""

CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""A terminal may interpret them as commands, and a log line may contain a client's text."""


def wants_colour(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a terminal may be sent colours. https://no-color.org"""
    return not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


class TextFormat:
    """Formats log lines as text: time, level, message, fields; then a traceback if there is one."""

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour

    def format(self, log_line: str) -> str | None:
        """Return a line for the terminal, None for one to leave out. What isn't a log line stays as it is."""
        record = _parse(log_line)
        if record is None:
            return log_line
        if "_aws" in record:  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ (EMF)
            return None
        message = str(record["message"])
        if message.startswith(OMITTED_MESSAGES):
            return None
        level = str(record["level"])
        parts = [
            self.paint(_local_time(record.get("timestamp")), DIM),
            self.paint(f"{level:<7}", LEVEL_COLOURS.get(level, "")),
            _printable(message),
            *self._fields(record),
        ]
        text = " ".join(part for part in parts if part)
        if traceback := record.get("exception"):
            for line in str(traceback).split("\n"):
                text += "\n" + self.paint(_printable(line), LEVEL_COLOURS.get(level, ""))
        return text

    def paint(self, text: str, colour: str) -> str:
        """Return the text in a colour, or unchanged where colours aren't wanted."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colour and colour and text else text

    def _fields(self, record: Mapping[str, Any]) -> Iterator[str]:
        if (status := record.get("status")) is not None:
            yield self.paint(_printable(str(status)), STATUS_COLOURS.get(str(status)[:1], ""))
        if (duration := record.get("duration_ms")) is not None:
            yield self.paint(_printable(f"{duration} ms"), DIM)
        for name, value in record.items():
            if name not in COMMON_FIELDS | REPEATED_FIELDS:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                yield self.paint(_printable(f"{name}={text}"), DIM)
        if record["level"] not in {"DEBUG", "INFO"} and (request_id := record.get("request_id")):
            yield self.paint(_printable(f"request_id={request_id}"), DIM)


def _parse(line: str) -> dict[str, Any] | None:
    """Return the object in a log line or a line of metrics, None for any other line."""
    if not line.startswith("{"):
        return None
    try:
        record = json.loads(line)
    except ValueError:
        return None
    is_log_line = isinstance(record, dict) and ("_aws" in record or {"level", "message"} <= record.keys())
    return record if is_log_line else None


def _local_time(timestamp: Any) -> str:
    try:
        return datetime.fromisoformat(str(timestamp)).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return ""


def _printable(text: str) -> str:
    return CONTROL_CHARACTERS.sub(lambda match: repr(match[0])[1:-1], text)
