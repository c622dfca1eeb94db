"""How filectl begins and ends, whatever the command is."""

import subprocess
import sys
from pathlib import Path

import pytest

from filectl import program
from tests.client.fake_messages import error, reply
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl, environment, finish, start

LATER = {"file_loader_client", "urllib3", "msgspec", "ssl", "rich"}
"""What only a command needs that calls the service or shows something."""


@pytest.mark.parametrize(
    "arguments", [["--help"], ["upload", "--help"], ["upload", "missing", "--url", "http://a"]]
)
@pytest.mark.usefixtures("user")
def test_help_and_usage_errors_come_at_once(arguments: list[str]) -> None:
    code = f"import sys; from filectl.program import main; main({arguments}); print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert {name.partition(".")[0] for name in run.stdout.splitlines()[-1].split()} & LATER == set()


def test_help_has_the_exit_statuses(filectl: Filectl) -> None:
    result = filectl("--help")
    assert (result.status, result.err) == (0, "")
    assert "\n    130  ended by Ctrl-C; the same upload command continues\n" in result.out
    assert filectl("--version").out.startswith("filectl, version ")


def test_without_a_command_it_prints_its_help(filectl: Filectl) -> None:
    result = filectl()
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("Usage: filectl [OPTIONS] COMMAND")


def test_options_may_stand_before_and_after_the_command(filectl: Filectl, service: FakeService) -> None:
    service.faults.append(fail(reply(200, []), "GET", "/api/files/?", times=10))
    assert filectl("--url", service.url, "--json", "ls").out == "[]\n"
    assert filectl("ls", "--json", "--url", service.url).out == "[]\n"
    assert filectl("--url", "http://127.0.0.1:1", "ls", "--url", service.url).status == 0


def test_the_token_is_sent_to_the_service_alone(
    filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FILE_LOADER_TOKEN", "secret")
    filectl.url = service.url
    Path("a").write_bytes(b"x")
    assert filectl("upload", "a").status == 0
    tokens = {request.path[:4]: request.headers.get("authorization") for request in service.requests}
    assert tokens == {"/api": "Bearer secret", "/s3/": None}


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "malformed_id", 1),
        (403, "forbidden", 4),
        (404, "not_found", 3),
        (429, "too_many_requests", 4),
        (500, "internal_error", 4),
        (503, "database_unavailable", 4),
    ],
)
def test_error_responses_have_exit_statuses(
    filectl: Filectl, service: FakeService, status: int, code: str, expected: int
) -> None:
    filectl.url = service.url
    service.faults.append(fail(error(status, code), "GET", "/api/files/?", times=100))
    result = filectl("ls")
    assert (result.status, result.out, result.err) == (expected, "", f"filectl: this is {code} (request r-1)\n")


@pytest.mark.usefixtures("service")  # which doesn't wait before further attempts
def test_no_service_is_an_error_in_words(filectl: Filectl) -> None:
    result = filectl("ls", "--json", "--url", "http://127.0.0.1:1")
    assert (result.status, result.out) == (4, "")
    [found] = result.json_errors
    assert (found["error"], found["exitStatus"]) == ("unreachable", 4)
    assert found["message"].startswith("127.0.0.1:1 doesn't respond: ")


def test_another_server_is_an_error_in_words(filectl: Filectl, service: FakeService) -> None:
    service.faults.append(fail(reply(200, {"hello": 1}), "GET", "/api/files/?"))
    result = filectl("ls", "--url", service.url)
    assert result.status == 4
    assert "isn't a file-loader service" in result.err


def test_a_fault_is_told_without_a_traceback(
    filectl: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program.filectl.commands["ls"], "callback", lambda *_, **__: 1 / 0)
    result = filectl("ls", "--url", service.url)
    assert result.status == 70
    assert result.err.startswith("filectl: This is a fault in filectl: ZeroDivisionError: ")
    monkeypatch.setenv("FILECTL_TRACEBACK", "1")
    assert "Traceback (most recent call last)" in filectl("ls").err


@pytest.mark.usefixtures("user")
def test_a_reader_that_goes_away_is_no_error(service: FakeService) -> None:
    Path("d").mkdir()
    for number in range(20):
        Path("d", str(number)).write_bytes(b"x")
    process = start("upload", "d", "--url", service.url)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    result = finish(process)
    assert (result.status, result.err) == (141, "")


def test_closed_standard_output_is_no_fault(service: FakeService) -> None:
    service.faults.append(fail(reply(200, []), "GET", "/api/files/"))
    command = f'exec "{sys.executable}" -m filectl ls --url "{service.url}" >&-'
    run = subprocess.run(
        ["/bin/sh", "-c", command], env=environment(), capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
