"""Logs as JSON lines on stderr, from where CloudWatch reads them."""

import json
import logging
from datetime import UTC, datetime
from typing import Any, TextIO

from chalicelib.core import log_context

OWN_LOGGERS = (
    "__main__",
    "alembic.runtime.migration",
    "app",
    "chalicelib",
    "chaos",
    "emulator",
    "file-loader",
    "file_loader.audit",
    "infra",
)
"""This project's packages and its audit log, Chalice's logger of the app (`file-loader`), and the names of
migrations."""

LIBRARY_LOGGERS = (
    "alembic",
    "asyncio",
    "botocore",
    "concurrent",
    "sqlalchemy",
    "waitress",
)
"""Libraries whose warnings and errors are logged. At lower levels they log values, tokens and signed URLs.

All other libraries are silent, because most get data of clients, which they quote: python-multipart a header,
urllib3 a URL with the file's name, a parser the file. What they find wrong becomes an error response or the file's
`error`."""

_OWN_PREFIXES = tuple(f"{name}." for name in OWN_LOGGERS)
_LIBRARY_PREFIXES = tuple(f"{name}." for name in LIBRARY_LOGGERS)

_STANDARD_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"asctime"}
"""Attributes of a record that don't come from `extra`; another handler's formatter may have added the time."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def log_as_json(level: str, stream: TextIO | None = None) -> None:
    """Write this process's log lines of at least that level to the stream (stderr), each as one JSON object.

    This replaces the root logger's handlers: Lambda's runtime and the emulator add one each, and every line would
    appear twice.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(_is_harmless)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _is_harmless(record: logging.LogRecord) -> bool:
    """Return whether the record is this project's, or a warning of a library that gets no data of clients."""
    name = f"{record.name}."
    if name == "root." or name.startswith(_OWN_PREFIXES):
        return True
    return record.levelno >= logging.WARNING and name.startswith(_LIBRARY_PREFIXES)


class JsonFormatter(logging.Formatter):
    """Formats a record as a JSON object in one line.

    Its fields are `timestamp` (UTC, RFC 3339 with milliseconds), `level`, `logger`, `message`, `request_id` and
    `file_id` where they are known, those of `extra` that aren't None, and of an exception `exception` with its
    stack, `exception_name` and `exception_notes`. A value that JSON doesn't have is written as its string.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **log_context.current(),
        }
        for name, value in vars(record).items():
            if value is not None and name not in _STANDARD_ATTRIBUTES:
                line.setdefault(name, value)
        if record.exc_info and record.exc_info[0] is not None:
            line |= self._exception_fields(record.exc_info)
        return _encode(line)

    def _exception_fields(self, exc_info: Any) -> dict[str, Any]:
        kind, error, _ = exc_info
        fields = {"exception": self.formatException(exc_info), "exception_name": kind.__name__}
        notes = getattr(error, "__notes__", None)
        return fields if notes is None else {**fields, "exception_notes": notes}
