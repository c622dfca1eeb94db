"""Logs as JSON lines on stderr, metrics as EMF lines on stdout: CloudWatch reads both from there.

Both are put together by AWS Lambda Powertools, of which nothing but its formatter and its provider is used: its
Logger and Metrics keep what they know in the process, where 32 threads would mix it.
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
from chalicelib.core.measures import Measure

log = logging.getLogger(__name__)

KEYS = ["timestamp", "level", "logger", "message", "request_id", "file_id"]
"""The order in a line. What `extra` gave comes after them, then `exception` with its stack."""

TOO_TALKATIVE = ("botocore", "urllib3", "PIL", "python_multipart", "alembic.runtime.plugins")
"""At DEBUG the first writes security tokens and signed URLs, the next three what is in files; the last two write a
line for each block and plugin at INFO. So they stay at WARNING. SQLAlchemy, which would write values, does so by
itself."""

NAMESPACE = "file-loader"

VALUES_PER_LINE = MAX_METRICS - 1
"""EMF takes 100 values of a metric in a line, but at 100 the provider prints the line by itself."""


def log_as_json(level: str, stream: TextIO | None = None) -> None:
    """Write all of this process's log lines from that level on to the stream (stderr), each as one JSON object.

    This takes the place of the root logger's handlers: Lambda's runtime and the emulator bring one each, and every
    line would come twice.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter())
    handler.addFilter(_add_context)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in TOO_TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _formatter() -> LambdaPowertoolsFormatter:
    return LambdaPowertoolsFormatter(
        log_record_order=KEYS,
        utc=True,
        use_rfc3339=True,
        json_deserializer=str,  # a message that happens to be JSON stays the text that it is
        serialize_stacktrace=False,  # it is in `exception`
        location=None,
        xray_trace_id=None,  # tracing isn't on
    )


def _add_context(record: logging.LogRecord) -> bool:
    record.logger = record.name
    for name, value in log_context.current().items():
        setattr(record, name, value)
    return True


@dataclass(frozen=True, slots=True)
class _Measurement:
    measure: Measure
    value: float
    dimensions: Mapping[str, str]


_collected: ContextVar[list[_Measurement] | None] = ContextVar("collected", default=None)


class EmfMetrics:
    """Keeps the contract of `core.measures.Metrics`, and gives every metric the dimension `stage`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def add(self, measure: Measure, value: float = 1, **dimensions: str) -> None:
        measurement = _Measurement(measure, value, {"stage": self._stage, **dimensions})
        collected = _collected.get()
        if collected is None:  # no invocation, or a thread that one has started
            _write([measurement])
        else:
            collected.append(measurement)

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect what is added inside, and write it at the end, also when that is an exception: a line for each
        set of dimensions, none if nothing was added. A failure to write is logged."""
        collected: list[_Measurement] = []
        token = _collected.set(collected)
        try:
            yield
        finally:
            _collected.reset(token)
            _write(collected)


def _write(measured: Iterable[_Measurement]) -> None:
    try:
        lines = [json.dumps(document, separators=(",", ":")) + "\n" for document in _documents(measured)]
        if lines:
            sys.stdout.write("".join(lines))  # at once, so that threads don't write into each other's lines
            sys.stdout.flush()
    except Exception:  # whoever measures has better to do than to fail for it
        log.exception("metrics could not be written")


def _documents(measured: Iterable[_Measurement]) -> Iterator[Mapping[str, Any]]:
    groups: dict[frozenset[tuple[str, str]], list[_Measurement]] = {}
    for measurement in measured:
        groups.setdefault(frozenset(measurement.dimensions.items()), []).append(measurement)
    for group in groups.values():
        for start in range(0, len(group), VALUES_PER_LINE):
            yield _document(group[start : start + VALUES_PER_LINE])


def _document(group: list[_Measurement]) -> Mapping[str, Any]:
    # An empty service keeps POWERTOOLS_SERVICE_NAME from becoming a dimension that no alarm knows.
    provider = AmazonCloudWatchEMFProvider(
        namespace=NAMESPACE, service="", dimension_set=dict(group[0].dimensions)
    )
    for measurement in group:
        provider.add_metric(measurement.measure, measurement.measure.unit, measurement.value)
    return provider.serialize_metric_set()
