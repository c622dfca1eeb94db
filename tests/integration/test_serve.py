"""`python -m emulator.serve`, which serves the routes in docker compose."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
import requests

from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer

ROOT = Path(__file__).parents[2]
APP = """
    import time
    from pathlib import Path

    from chalice.app import Chalice

    app = Chalice(app_name="sample")


    def warm_up():
        Path("warm").touch()


    @app.route("/slow")
    def slow():
        Path("begun").touch()
        time.sleep(1)
        return {"slow": True}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "app.py").write_text(dedent(APP))
    process = subprocess.Popen(
        [sys.executable, "-m", "emulator.serve", "--port", "0"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    end_with_this_process(RunningServer.describe(process.pid, signal.SIGTERM))
    with process:
        yield process
        process.kill()


def ready_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    word, url = process.stdout.readline().split()
    assert word == "ready"
    return url


def test_unknown_url_gets_the_gateways_response(server: subprocess.Popen[str]) -> None:
    response = requests.get(f"{ready_url(server)}/nothing", timeout=10)
    assert (response.status_code, response.json()["error"]) == (404, "not_found")


def test_app_is_warmed_up_before_the_server_is_ready(server: subprocess.Popen[str], tmp_path: Path) -> None:
    """Otherwise each thread of the first burst builds clients of its own."""
    ready_url(server)
    assert (tmp_path / "warm").exists()


@pytest.mark.parametrize("arguments", [["--host", "0.0.0.0"], ["--host", ""]])
def test_address_that_others_reach_needs_authentication(arguments: list[str]) -> None:
    """The service's own app refuses it, unless BIND_ADDRESS says that nobody else reaches this address."""
    command = [sys.executable, "-m", "emulator.serve", "--port", "0", *arguments]
    environment = {"PYTHONPATH": str(ROOT), "AWS_DEFAULT_REGION": "us-east-1"}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == (
        "error: with BIND_ADDRESS=0.0.0.0 other machines reach the service: set AUTH=required too\n"
    )


def test_sigterm_completes_the_request_and_exits(server: subprocess.Popen[str], tmp_path: Path) -> None:
    url = ready_url(server)
    with subprocess.Popen(["curl", "-sS", f"{url}/slow"], stdout=subprocess.PIPE, text=True) as curl:  # noqa: S607
        end = time.monotonic() + 10
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        server.send_signal(signal.SIGTERM)
        assert curl.communicate(timeout=10)[0] == '{"slow":true}'
    assert server.wait(10) == 0


def test_port_in_use_is_refused(server: subprocess.Popen[str], tmp_path: Path) -> None:
    port = ready_url(server).rpartition(":")[2]
    command = [sys.executable, "-m", "emulator.serve", "--port", port]
    second = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"error: port {port} of 127.0.0.1 is in use")
