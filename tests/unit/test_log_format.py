"""The app's log lines as a person sees them at a terminal."""

import json
import sys
from typing import Any

import pytest

from emulator.__main__ import _output
from emulator.log_format import TextFormat, wants_colour

REQUEST = {
    "timestamp": "2026-11-27T12:00:00.123+00:00",
    "level": "INFO",
    "logger": "chalicelib.http.middleware",
    "message": "GET /api/files/{file_id}",
    "request_id": "r-1",
    "file_id": "f-1",
    "method": "GET",
    "path": "/api/files/{file_id}",
    "status": 200,
    "duration_ms": 3.2,
}


def formatted(**fields: Any) -> str:
    text = TextFormat(colour=False).format(json.dumps(fields))
    assert text is not None
    return text


def test_request_line_has_route_status_duration_and_file() -> None:
    _, _, rest = formatted(**REQUEST).partition(" ")
    assert rest == "INFO    GET /api/files/{file_id} 200 3.2 ms file_id=f-1"


def test_time_of_a_log_line_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Etc/GMT-2")
    time.tzset()
    try:
        assert formatted(**REQUEST).startswith("14:00:00 ")
    finally:
        monkeypatch.undo()
        time.tzset()


def test_function_line_has_name_and_duration() -> None:
    line = formatted(level="INFO", message="app-dev-sweep", function="app-dev-sweep", duration_ms=12.0)
    assert line == "INFO    app-dev-sweep 12.0 ms"


def test_other_fields_follow_the_message() -> None:
    line = formatted(level="INFO", message="sweep finished", outcomes={"expired": 1})
    assert line == 'INFO    sweep finished outcomes={"expired": 1}'


def test_error_has_its_request_id_and_traceback() -> None:
    trace = 'Traceback (most recent call last):\n  File "app.py"\nValueError: no'
    line = formatted(
        level="ERROR", message="failed", request_id="r-1", exception=trace, exception_name="ValueError"
    )
    assert line == f"ERROR   failed request_id=r-1\n{trace}"


@pytest.mark.parametrize("line", ["a print", "process_upload: a print", "{not json", '{"a": 1}', "[1]", ""])
def test_other_lines_are_unchanged(line: str) -> None:
    assert TextFormat(colour=True).format(line) == line


def test_metrics_and_alembics_boilerplate_are_left_out() -> None:
    assert TextFormat(colour=True).format(json.dumps({"_aws": {"Timestamp": 1}, "FilesUploaded": [1]})) is None
    boilerplate = {"level": "INFO", "message": "Context impl PostgresqlImpl."}
    assert TextFormat(colour=True).format(json.dumps(boilerplate)) is None


def test_control_characters_of_a_client_are_escaped() -> None:
    line = formatted(level="INFO", message="a\x1b[2J\nb", name="\x9b\r", exception="x\x07\ny")
    assert line == "INFO    a\\x1b[2J\\nb name=\\x9b\\r\nx\\x07\ny"


def test_colours_of_level_and_status() -> None:
    text = TextFormat(colour=True).format(json.dumps({**REQUEST, "status": 503, "level": "ERROR"}))
    assert text is not None
    assert "\x1b[31mERROR  \x1b[0m" in text
    assert "\x1b[31m503\x1b[0m" in text


def test_no_color_and_dumb_terminals_have_no_colours() -> None:
    assert wants_colour({"TERM": "xterm"})
    assert wants_colour({"NO_COLOR": ""})
    assert not wants_colour({"NO_COLOR": "1"})
    assert not wants_colour({"TERM": "dumb"})


SWEEP_LINE = json.dumps({"level": "INFO", "message": "sweep finished"})
SWEEP_AS_TEXT = "INFO    sweep finished\n"


@pytest.mark.parametrize(
    ("option", "is_terminal", "printed"),
    [
        (None, True, SWEEP_AS_TEXT),
        (None, False, SWEEP_LINE + "\n"),
        ("text", True, SWEEP_AS_TEXT),
        ("text", False, SWEEP_AS_TEXT),
        ("json", True, SWEEP_LINE + "\n"),
        ("json", False, SWEEP_LINE + "\n"),
    ],
)
def test_log_is_text_on_a_terminal_otherwise_json_unless_an_option_says(
    option: str | None,
    is_terminal: bool,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)
    output = _output(option, lambda: None)
    output.print_log(SWEEP_LINE)
    assert capsys.readouterr().out == printed
    assert output.formats_log is (printed == SWEEP_AS_TEXT)


def test_text_that_is_not_for_a_terminal_has_no_colours(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False, raising=False)
    _output("text", lambda: None).print_line("ready http://127.0.0.1:8000")
    assert capsys.readouterr().out == "ready http://127.0.0.1:8000\n"
