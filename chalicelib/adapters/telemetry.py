"""Logs as JSON lines on stderr, metrics as EMF lines on stdout: CloudWatch reads both from there.

Only the formatter and the provider of AWS Lambda Powertools are used: its Logger and Metrics keep their state in
the process, where 32 threads would mix it.
"""

import json
import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TextIO

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.constants import MAX_METRICS

from chalicelib.core import log_context
from chalicelib.core.metrics import Metric

log = logging.getLogger(__name__)

KEYS = ["timestamp", "level", "logger", "message", "request_id", "file_id"]
"""The order of fields in a line. Those of `extra` come next, then `exception` with its stack."""

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
    "aws_lambda_powertools",
    "botocore",
    "concurrent",
    "sqlalchemy",
    "waitress",
)
"""Libraries whose warnings and errors are logged. At lower levels they log values, tokens and signed URLs.

All other libraries are silent, because most get data of clients, which they quote: python-multipart a header,
urllib3 a URL with the file's name, a parser the file. What they find wrong becomes an error response or the file's
`error`."""

NAMESPACE = "file-loader"

VALUES_PER_LINE = MAX_METRICS - 1
"""EMF allows 100 values of a metric in a line, but at 100 the provider prints the line by itself."""


def log_as_json(level: str, stream: TextIO | None = None) -> None:
    """Write this process's log lines of at least that level to the stream (stderr), each as one JSON object.

    This replaces the root logger's handlers: Lambda's runtime and the emulator add one each, and every line would
    appear twice.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter())
    handler.addFilter(_is_harmless)
    handler.addFilter(_add_context)
    logging.basicConfig(level=level, handlers=[handler], force=True)


def _formatter() -> LambdaPowertoolsFormatter:
    return LambdaPowertoolsFormatter(
        log_record_order=KEYS,
        utc=True,
        use_rfc3339=True,
        json_deserializer=str,  # a message that happens to be JSON stays a string
        serialize_stacktrace=False,  # it is in `exception`
        location=None,
        xray_trace_id=None,  # tracing is disabled
    )


def _is_harmless(record: logging.LogRecord) -> bool:
    """Return whether the record is this project's, or a warning of a library that gets no data of clients."""
    if record.name == "root" or _belongs_to(record, OWN_LOGGERS):
        return True
    return record.levelno >= logging.WARNING and _belongs_to(record, LIBRARY_LOGGERS)


def _belongs_to(record: logging.LogRecord, loggers: Iterable[str]) -> bool:
    return f"{record.name}.".startswith(tuple(f"{name}." for name in loggers))


def _add_context(record: logging.LogRecord) -> bool:
    record.logger = record.name
    for name, value in log_context.current().items():
        setattr(record, name, value)
    return True


@dataclass(frozen=True, slots=True)
class _Measurement:
    metric: Metric
    value: float
    dimensions: Mapping[str, str]


_collected: ContextVar[list[_Measurement] | None] = ContextVar("collected", default=None)


class EmfMetrics:
    """Implements `chalicelib.core.metrics.Metrics`, and adds the dimension `stage` to every metric.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def add(self, metric: Metric, value: float = 1, **dimensions: str) -> None:
        measurement = _Measurement(metric, value, {"stage": self._stage, **dimensions})
        collected = _collected.get()
        if collected is None:  # outside an invocation, or in a thread that one has started
            _write([measurement])
        else:
            collected.append(measurement)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect what is added inside, and write it at the end, also after an exception: a line for each set of
        dimensions, none if nothing was added. A failure to write is logged."""
        collected: list[_Measurement] = []
        token = _collected.set(collected)
        try:
            yield
        finally:
            _collected.reset(token)
            _write(collected)


def _write(measurements: Iterable[_Measurement]) -> None:
    try:
        lines = [json.dumps(document, separators=(",", ":")) + "\n" for document in _documents(measurements)]
        if lines:
            sys.stdout.write("".join(lines))  # in one call, so that the lines of threads don't mix
            sys.stdout.flush()
    except Exception:  # emitting metrics must never fail the invocation
        log.exception("metrics could not be written")


def _documents(measurements: Iterable[_Measurement]) -> Iterator[Mapping[str, Any]]:
    groups: dict[frozenset[tuple[str, str]], list[_Measurement]] = {}
    for measurement in measurements:
        groups.setdefault(frozenset(measurement.dimensions.items()), []).append(measurement)
    for group in groups.values():
        for start in range(0, len(group), VALUES_PER_LINE):
            yield _document(group[start : start + VALUES_PER_LINE])


def _document(group: list[_Measurement]) -> Mapping[str, Any]:
    # An empty service keeps POWERTOOLS_SERVICE_NAME from becoming a dimension, which no alarm has.
    provider = AmazonCloudWatchEMFProvider(
        namespace=NAMESPACE, service="", dimension_set=dict(group[0].dimensions)
    )
    for measurement in group:
        provider.add_metric(measurement.metric, measurement.metric.unit, measurement.value)
    return provider.serialize_metric_set()
