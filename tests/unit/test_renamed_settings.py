"""Earlier names of settings in commands, and the environment of a function between its old and its new code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chalicelib.settings import from_environ
from infra.renamed_settings import RENAMED_VARIABLES, merge_variables

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "arguments", [["infra", "doctor", "--offline"], ["infra", "deploy"], ["emulator.serve", "--port", "0"]]
)
@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("OWNER=alice", "OWNER is now called DEFAULT_OWNER; set DEFAULT_OWNER instead"),
        ("LOG_LEVEL=loud", "LOG_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, got 'loud'"),
    ],
)
def test_invalid_setting_is_one_line_of_error(arguments: list[str], variable: str, message: str) -> None:
    name, _, value = variable.partition("=")
    process = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stdout, process.stderr) == (1, "", f"error: {message}\n")


def test_earlier_name_that_only_a_deployment_reads_is_refused() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "infra", "doctor", "--offline", "--stage", "localstack"],
        cwd=ROOT,
        env={**os.environ, "DEPLOYED_PUBLIC_URL": "http://localhost:4566"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 1
    assert (
        "  DEPLOYED_PUBLIC_URL is now called LAMBDA_PUBLIC_URL; set LAMBDA_PUBLIC_URL instead\n" in process.stderr
    )


@pytest.mark.parametrize(("old", "current"), RENAMED_VARIABLES.items())
def test_function_has_both_names_while_its_code_is_updated(old: str, current: str) -> None:
    deployed = {old: "7", "BUCKET": "b", "NO_LONGER_USED": "1"}
    merged = merge_variables(deployed, {current: "8", "BUCKET": "c"})
    assert merged == {old: "7", current: "8", "BUCKET": "c", "NO_LONGER_USED": "1"}
    assert from_environ(merged) == from_environ({current: "8", "BUCKET": "c"})


@pytest.mark.parametrize(("old", "current"), RENAMED_VARIABLES.items())
def test_new_code_accepts_an_earlier_name_whose_setting_is_no_longer_configured(old: str, current: str) -> None:
    """The default follows with Chalice's update; until then the old code's value is in effect."""
    merged = merge_variables({old: "7"}, {})
    assert merged == {old: "7", current: "7"}
    assert from_environ(merged) == from_environ({current: "7"})
