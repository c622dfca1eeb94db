"""Log lines and EMF documents, as CloudWatch gets them."""

import io
import json
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from math import ceil
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from chalicelib.adapters.emf_metrics import VALUES_PER_LINE, EmfMetrics
from chalicelib.adapters.json_log import log_as_json
from chalicelib.core import log_context
from chalicelib.core.accounts.audit import record_denial
from chalicelib.core.accounts.authenticate import build_caller
from chalicelib.core.accounts.model import CredentialKind, Scope
from chalicelib.core.metrics import Metric, Metrics
from tests.fakes.metrics import FakeMetrics
from tests.json_log import json_log, lines

FILE = UUID("01930000-0000-7000-8000-000000000000")

log = logging.getLogger("chalicelib.anything")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with json_log() as stream:
        yield stream


def test_log_line_has_time_level_logger_message_and_ids(stream: io.StringIO) -> None:
    with log_context.request("r-1"), log_context.bind_file(FILE):
        log.warning("%s is gone", "ü\n😀", extra={"attempt": 3})
    [line] = lines(stream)
    assert list(line) == ["timestamp", "level", "logger", "message", "request_id", "file_id", "attempt"]
    moment = line.pop("timestamp")
    assert moment.endswith("+00:00")
    assert len(moment) == len("2026-11-23T16:00:00.000+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "chalicelib.anything",
        "message": "ü\n😀 is gone",
        "request_id": "r-1",
        "file_id": str(FILE),
        "attempt": 3,
    }


def test_log_line_omits_unknown_ids(stream: io.StringIO) -> None:
    with log_context.request(""):
        log.info("hello")
    assert list(lines(stream)[0]) == ["timestamp", "level", "logger", "message"]


def test_exception_is_logged_in_one_line_with_its_stack(stream: io.StringIO) -> None:
    try:
        json.loads("{\n")
    except ValueError:
        log.exception("stopped")
    [line] = lines(stream)
    assert line["exception_name"] == "JSONDecodeError"
    assert line["exception"].startswith("Traceback (most recent call last):")
    assert "test_exception_is_logged_in_one_line_with_its_stack" in line["exception"]
    assert "\njson.decoder.JSONDecodeError: Expecting property name" in line["exception"]


def new_record(**attributes: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"levelno": logging.INFO, "levelname": "INFO", **attributes})


class Outcome(StrEnum):
    LOST = "lost"


RECORDED = [
    (
        {"msg": "%s is gone", "args": ("ü\n😀",), "created": 0.0, "attempt": 3},
        '{"timestamp":"1970-01-01T00:00:00.000+00:00","level":"INFO","logger":"chalicelib.x",'
        '"message":"ü\\n😀 is gone","request_id":"r-1","file_id":"f","attempt":3}',
    ),
    (
        {"msg": "100%", "created": 1764331200.9999, "status": None, "path": "/a", "duration_ms": 3.2},
        '{"timestamp":"2025-11-28T12:00:00.999+00:00","level":"INFO","logger":"chalicelib.x","message":"100%",'
        '"request_id":"r-1","file_id":"f","path":"/a","duration_ms":3.2}',
    ),
    (
        {"msg": '\x00\x1f"\\', "created": 0.0, "id": UUID(int=7), "counts": {Outcome.LOST: [1.5, None, True]}},
        '{"timestamp":"1970-01-01T00:00:00.000+00:00","level":"INFO","logger":"chalicelib.x",'
        '"message":"\\u0000\\u001f\\"\\\\","request_id":"r-1","file_id":"f",'
        '"id":"00000000-0000-0000-0000-000000000007","counts":{"lost":[1.5,null,true]}}',
    ),
    (
        {"msg": "failed", "created": 0.0, "exc_info": (ValueError, ValueError("ü\n"), None), "status": 500},
        '{"timestamp":"1970-01-01T00:00:00.000+00:00","level":"INFO","logger":"chalicelib.x","message":"failed",'
        '"request_id":"r-1","file_id":"f","status":500,"exception":"ValueError: ü\\n",'
        '"exception_name":"ValueError"}',
    ),
]
"""Attributes of records, and the lines that earlier versions wrote. Programs read them."""


@pytest.mark.parametrize(("attributes", "line"), RECORDED)
def test_a_line_is_the_same_bytes_as_ever(stream: io.StringIO, attributes: dict[str, Any], line: str) -> None:
    with log_context.request("r-1"), log_context.bind_file("f"):
        logging.getLogger().handle(new_record(name="chalicelib.x", **attributes))
    assert stream.getvalue() == line + "\n"


def test_a_line_has_the_notes_of_its_exception(stream: io.StringIO) -> None:
    error = ValueError("no")
    error.add_note("a note")
    log.error("failed", exc_info=error)
    [line] = lines(stream)
    assert list(line)[-3:] == ["exception", "exception_name", "exception_notes"]
    assert line["exception_notes"] == ["a note"]


def test_extra_fields_replace_none_of_the_lines_own(stream: io.StringIO) -> None:
    logging.getLogger().handle(new_record(name="app", msg="x", level="L", timestamp="T"))
    [line] = lines(stream)
    assert line["level"] == "INFO"
    assert line["timestamp"] != "T"


@pytest.mark.parametrize("message", ['{"level": "INFO"}', "null", "12", '"quoted"'])
def test_json_message_stays_a_string(stream: io.StringIO, message: str) -> None:
    log.info(message)
    assert lines(stream)[0]["message"] == message


def test_lines_below_the_level_are_not_logged(stream: io.StringIO) -> None:
    log.debug("too fine")
    assert lines(stream) == []


def test_debug_lines_of_libraries_are_not_logged(stream: io.StringIO) -> None:
    log_as_json("DEBUG", stream)
    logging.getLogger("botocore.auth").debug("x-amz-security-token:…")
    log.debug("mine")
    assert [line["message"] for line in lines(stream)] == ["mine"]


@pytest.mark.parametrize(
    "name", ["python_multipart.multipart", "urllib3.connectionpool", "PIL", "chardet", "apple", "any_new_library"]
)
def test_libraries_that_get_data_of_clients_are_silent(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).critical("Unknown Content-Type: 'the client's'")
    assert lines(stream) == []


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("app", logging.INFO),
        ("file-loader", logging.INFO),
        ("chalicelib.core.sweep.sweep", logging.INFO),
        ("emulator.gateway", logging.INFO),
        ("root", logging.INFO),
        ("alembic.runtime.migration", logging.INFO),
        ("botocore.credentials", logging.WARNING),
        ("waitress", logging.ERROR),
    ],
)
def test_lines_of_the_project_and_warnings_of_other_libraries_are_logged(
    stream: io.StringIO, name: str, level: int
) -> None:
    logging.getLogger(None if name == "root" else name).log(level, "a line")
    assert [line["logger"] for line in lines(stream)] == [name]


def test_the_audit_log_is_logged_at_every_level(stream: io.StringIO) -> None:
    log_as_json("CRITICAL", stream)
    caller = build_caller("alice", frozenset({Scope.WRITE}), CredentialKind.JWT)
    record_denial(caller, "GET /api/health")
    [line] = lines(stream)
    assert (line["audit"], line["owner"], line["denied"]) == ("admin_call_denied", "alice", "GET /api/health")


def test_log_as_json_replaces_other_handlers(stream: io.StringIO) -> None:
    logging.getLogger().addHandler(logging.StreamHandler(stream))  # as the runtime does before it imports the app
    log_as_json("INFO", stream)
    log.info("once")
    assert len(lines(stream)) == 1


def test_log_context_is_restored_after_its_block(stream: io.StringIO) -> None:
    with log_context.bind_file("outer"):
        with log_context.bind_file("inner"):
            log.info("1")
        log.info("2")
    log.info("3")
    assert [line.get("file_id") for line in lines(stream)] == ["inner", "outer", None]


def test_threads_do_not_mix_context_or_metrics(stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    """Each of eight threads is in the middle of its invocation while the others write."""
    metrics, together = EmfMetrics("test"), Barrier(8)

    def invocation(number: int) -> None:
        with log_context.request(f"r-{number}"), log_context.bind_file(f"f-{number}"), metrics.collecting():
            for _ in range(20):
                together.wait()
                log.info("%d", number)
                metrics.add(Metric.FAILED, number, code=f"c-{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(invocation, range(8)))
    written = lines(stream)
    assert len(written) == 160
    for line in written:
        assert (line["request_id"], line["file_id"]) == (f"r-{line['message']}", f"f-{line['message']}")
    written_documents = documents(capsys)
    assert len(written_documents) == 8
    assert {(document["code"], *document["Failed"]) for document in written_documents} == {
        (f"c-{number}", *[number] * 20) for number in range(8)
    }


def documents(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the EMF documents written to stdout, each of them checked against the specification."""
    return [check_document(json.loads(line)) for line in capsys.readouterr().out.splitlines()]


def check_document(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document if it is as the specification wants it; adapters/emf_metrics.py says where that is."""
    assert abs(document["_aws"]["Timestamp"] - time.time() * 1000) < 60_000
    assert isinstance(document["_aws"]["Timestamp"], int)
    [directive] = document["_aws"]["CloudWatchMetrics"]
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert 1 <= len(directive["Namespace"]) <= 1024
    for dimensions in directive["Dimensions"]:
        assert len(dimensions) <= 30
        assert all(isinstance(document[name], str) and 1 <= len(document[name]) <= 1024 for name in dimensions)
    assert 1 <= len(directive["Metrics"]) <= 100
    for metric in directive["Metrics"]:
        assert metric["Unit"] in {"Count", "Milliseconds", "Seconds"}
        assert 1 <= len(document[metric["Name"]]) <= 100
        assert all(isinstance(value, float) for value in document[metric["Name"]])
    return document


def test_metrics_have_one_line_for_each_set_of_dimensions(capsys: pytest.CaptureFixture[str]) -> None:
    metrics: EmfMetrics = EmfMetrics("prod")
    with metrics.collecting():
        metrics.add(Metric.UPLOADS)
        metrics.add(Metric.TIME_TO_PROCESSED, 12.5)
        metrics.add(Metric.TIME_TO_PROCESSED, 7)
        metrics.add(Metric.FAILED, code="attempts_exhausted")
        metrics.add(Metric.FAILED, code="not_an_image")
        assert capsys.readouterr().out == ""
    plain, *by_code = documents(capsys)
    assert plain["_aws"]["CloudWatchMetrics"] == [
        {
            "Namespace": "file-loader",
            "Dimensions": [["stage"]],
            "Metrics": [{"Name": "Uploads", "Unit": "Count"}, {"Name": "TimeToProcessed", "Unit": "Milliseconds"}],
        }
    ]
    assert (plain["stage"], plain["Uploads"], plain["TimeToProcessed"]) == ("prod", [1], [12.5, 7])
    assert [document["code"] for document in by_code] == ["attempts_exhausted", "not_an_image"]
    for document in by_code:
        assert set(document["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == {"stage", "code"}


def test_a_document_is_the_same_bytes_as_ever(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1764331200.9999)
    metrics = EmfMetrics("prod")
    with metrics.collecting():
        metrics.add(Metric.UPLOADS)
        metrics.add(Metric.QUEUE_AGE, 0.1 + 0.2)
        metrics.add(Metric.UPLOADS, 3)
        metrics.add(Metric.FAILED, code="ü")
    assert capsys.readouterr().out == (
        '{"_aws":{"Timestamp":1764331200999,"CloudWatchMetrics":[{"Namespace":"file-loader","Dimensions":[["stage"]],'
        '"Metrics":[{"Name":"Uploads","Unit":"Count"},{"Name":"QueueAge","Unit":"Seconds"}]}]},'
        '"stage":"prod","Uploads":[1.0,3.0],"QueueAge":[0.30000000000000004]}\n'
        '{"_aws":{"Timestamp":1764331200999,"CloudWatchMetrics":[{"Namespace":"file-loader",'
        '"Dimensions":[["stage","code"]],"Metrics":[{"Name":"Failed","Unit":"Count"}]}]},'
        '"stage":"prod","code":"\\u00fc","Failed":[1.0]}\n'
    )


@pytest.mark.parametrize("count", [99, 100, 101, 250])
def test_many_metric_values_are_spread_over_lines(capsys: pytest.CaptureFixture[str], count: int) -> None:
    metrics = EmfMetrics("test")
    with metrics.collecting():
        for value in range(count):
            metrics.add(Metric.QUEUE_AGE, value)
    written_documents = documents(capsys)
    assert [value for document in written_documents for value in document["QueueAge"]] == list(range(count))
    assert len(written_documents) == ceil(count / VALUES_PER_LINE)


def test_no_metrics_line_without_measurements(capsys: pytest.CaptureFixture[str]) -> None:
    with EmfMetrics("test").collecting():
        pass
    assert capsys.readouterr().out == ""


def test_metrics_are_written_when_the_invocation_raises(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = EmfMetrics("test")

    def invocation() -> None:
        with metrics.collecting():
            metrics.add(Metric.UPLOADS)
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        invocation()
    assert len(documents(capsys)) == 1


def test_metrics_outside_an_invocation_are_written_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    EmfMetrics("test").add(Metric.UPLOADS)
    assert len(documents(capsys)) == 1


def test_failure_to_write_metrics_is_logged_and_not_raised(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = io.StringIO()
    closed.close()
    metrics = EmfMetrics("test")
    with monkeypatch.context() as patched:
        patched.setattr("sys.stdout", closed)
        with metrics.collecting():
            metrics.add(Metric.UPLOADS)
    assert [line["message"] for line in lines(stream)] == ["metrics could not be written"]


def test_fake_metrics_require_the_declared_dimension() -> None:
    fake = FakeMetrics()
    metrics: Metrics = fake
    metrics.add(Metric.FAILED, 2, code="attempts_exhausted")
    metrics.add(Metric.FAILED, code="attempts_exhausted")
    assert fake.values(Metric.FAILED, code="attempts_exhausted") == [2, 1]
    assert fake.total(Metric.UPLOADS) == 0
    with pytest.raises(AssertionError, match="has the dimensions"):
        metrics.add(Metric.FAILED)
    with pytest.raises(AssertionError, match="has the dimensions"):
        metrics.add(Metric.FAILED, finding="lost")
    with pytest.raises(AssertionError, match="empty"):
        metrics.add(Metric.FAILED, code="")
