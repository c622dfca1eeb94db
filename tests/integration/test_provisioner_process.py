"""The process that provisions the app says what is wrong, and doesn't outlive the emulator's use of it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.app_spec import AppSpec
from emulator.environment import CREDENTIALS
from emulator.errors import EmulatorError
from emulator.provisioner_process import ProvisionerProcess

URL = "http://127.0.0.1:1"


def run(process: ProvisionerProcess, wait: Callable[[], object] = lambda: None) -> None:
    """Let the process provision an app without functions."""
    process.run(AppSpec("app", [], ["x" * 100_000]), Path.cwd(), {}, wait)


def test_says_what_is_wrong_although_it_has_ended_before_it_was_asked() -> None:
    process = ProvisionerProcess(URL, {**os.environ, **CREDENTIALS, "AWS_DEFAULT_REGION": "no region"})
    process._process.wait()
    with pytest.raises(EmulatorError, match="AWS_DEFAULT_REGION"):
        run(process)
    assert process.stop() == 0


def test_says_that_the_endpoint_does_not_respond() -> None:
    with pytest.raises(EmulatorError, match=f"can't be provisioned at {URL}: Could not connect"):
        run(ProvisionerProcess(URL, {**os.environ, **CREDENTIALS}))


def test_says_that_it_was_killed() -> None:
    process = ProvisionerProcess(URL, {**os.environ, **CREDENTIALS})
    process._process.kill()
    with pytest.raises(EmulatorError, match="the reason is above"):
        run(process)


def test_ends_when_the_emulator_is_stopped() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    process = ProvisionerProcess(URL, {**os.environ, **CREDENTIALS})
    with pytest.raises(KeyboardInterrupt):
        run(process, interrupt)
    assert process._process.poll() is not None
