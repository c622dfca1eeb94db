"""Log lines and metrics of requests and invocations."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

import app
from chalicelib import container
from chalicelib.core import log_context
from chalicelib.core.metrics import Metric
from chalicelib.core.sweep import sweep
from chalicelib.processors import registry
from tests.integration.conftest import EVENTS, Context, Service
from tests.json_log import json_log, lines

UNKNOWN_ID = "00000000-0000-4000-8000-00000000abcd"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with json_log() as stream:
        yield stream


def lines_of_invocations(log: io.StringIO) -> list[dict[str, Any]]:
    return [line for line in lines(log) if "duration_ms" in line]


def broken(*_: Any, **__: Any) -> Any:
    container.metrics().add(Metric.UPLOADS)
    raise RuntimeError("it broke")


def test_a_request_logs_one_line_with_its_id_and_without_its_query(service: Service, log: io.StringIO) -> None:
    response = service.http.get(f"/api/files/{UNKNOWN_ID}?secret=1", headers={"Authorization": "Bearer abc"})
    [line] = lines(log)
    assert line["request_id"] == json.loads(response.body)["requestId"]
    assert (line["level"], line["message"]) == ("INFO", "GET /api/files/{file_id}")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/files/{file_id}", 400)
    assert 0 < line["duration_ms"] < 60_000
    assert line["file_id"] == UNKNOWN_ID
    assert not {"secret", "abc"} & set(json.dumps(line).replace("=", '"').split('"'))


def test_the_line_of_a_request_has_the_status_of_its_response(service: Service, log: io.StringIO) -> None:
    service.upload()
    service.http.put("/api/files")
    assert [(line["method"], line["path"], line["status"]) for line in lines_of_invocations(log)] == [
        ("POST", "/api/upload", 201),
        ("PUT", "/api/files", 405),
    ]


def test_a_failing_route_logs_its_exception_with_the_requests_id(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chalicelib.http.file_list.list_files", broken)
    response = service.http.get("/api/files")
    assert response.status_code == 500
    error, request = lines(log)
    assert error["request_id"] == request["request_id"] == json.loads(response.body)["requestId"]
    assert error["level"] == "ERROR"
    assert "RuntimeError: it broke" in error["exception"]
    assert "in broken" in error["exception"]
    assert (request["status"], "exception" in request) == (500, False)
    assert json.loads(capsys.readouterr().out)["Uploads"] == [1]


def test_a_failing_function_logs_its_exception_and_raises_it_after_writing_its_metrics(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sweep.Sweep, "run", broken)
    with pytest.raises(RuntimeError, match="it broke"):  # otherwise Lambda would not retry
        service.sweep()
    [line] = lines(log)
    assert (line["level"], line["request_id"]) == ("ERROR", Context.aws_request_id)
    assert "in broken" in line["exception"]
    assert json.loads(capsys.readouterr().out)["Uploads"] == [1]


def test_an_exception_of_an_inner_middleware_is_logged_with_status_500(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chalicelib.http.responses.msgspec.json.encode", broken)
    assert service.http.get(f"/api/files/{UNKNOWN_ID}").status_code == 500
    [line] = lines_of_invocations(log)
    assert (line["level"], line["status"]) == ("ERROR", 500)
    assert line["request_id"]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    "function", ["process_upload", "sweep", "fetch_signing_keys", "migrate", "mark_files_for_reprocessing"]
)
def test_every_function_logs_one_line(log: io.StringIO, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    monkeypatch.setattr("chalicelib.functions.migrate", lambda: "0001")
    monkeypatch.setattr(Context, "function_name", f"file-loader-dev-{function}", raising=False)
    getattr(app, function)(json.loads((EVENTS / "scheduled.json").read_text()), Context())
    [line] = lines_of_invocations(log)
    assert (line["request_id"], line["function"]) == (Context.aws_request_id, f"file-loader-dev-{function}")
    assert "status" not in line


def test_lines_of_a_processor_have_the_ids_of_the_invocation_and_of_the_file(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload()

    def analyze(*_: Any) -> Any:
        with log_context.bind_file(file["id"]):
            logging.getLogger("chalicelib.processors.any").info("describing")
        raise RuntimeError("it broke")

    monkeypatch.setattr(registry, "analyze", analyze)
    container.worker.clear()
    with pytest.raises(RuntimeError):
        service.process(service.key(file))
    [line] = [line for line in lines(log) if line["message"] == "describing"]
    assert (line["request_id"], line["file_id"]) == (Context.aws_request_id, file["id"])


def test_metrics_have_the_stage_of_the_settings(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STAGE", "blue")
    container.reset()
    monkeypatch.setattr("chalicelib.http.files.delete_file", broken)
    service.http.delete(f"/api/files/{UNKNOWN_ID}")
    assert json.loads(capsys.readouterr().out)["stage"] == "blue"


def test_chalices_logger_writes_through_the_same_handler(log: io.StringIO) -> None:
    assert app.app.log.handlers == []
    app.app.log.error("from Chalice")
    assert [line["logger"] for line in lines(log)] == ["file-loader"]


def test_an_invocation_without_a_route_gets_500(log: io.StringIO) -> None:
    """API Gateway always names the route. Without it, Chalice passes None to the middleware."""
    assert app.app({"requestContext": {}}, None)["statusCode"] == 500
    assert all(line.get("request_id") is None for line in lines(log))
