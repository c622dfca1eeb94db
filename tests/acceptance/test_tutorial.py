"""The commands of docs/tutorial/first-upload.md do what the page says."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.emulator_process import REPOSITORY, Emulator

IN_ANOTHER_TERMINAL = ("make run", "URL=")


@pytest.fixture
def required_programs() -> None:
    """Skip the test where the programs that the tutorial asks for are missing; in CI that is a failure."""
    missing = [program for program in ("curl", "jq") if shutil.which(program) is None]
    message = f"install {' and '.join(missing)}: the tutorial was NOT tested"
    if missing and os.environ.get("CI"):
        pytest.fail(message)
    if missing:
        pytest.skip(message)


@pytest.mark.usefixtures("required_programs")
def test_commands_of_the_tutorial(service_emulator: Emulator, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "tutorial" / "first-upload.md").read_text()
    commands = [
        command
        for command in re.findall(r"^\$ (.+)$", page, re.MULTILINE)
        if not command.startswith(IN_ANOTHER_TERMINAL)
    ]
    assert len(commands) > 10
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],  # noqa: S607
        cwd=tmp_path,
        env=os.environ | {"URL": service_emulator.url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    printed = re.sub(r"\s", "", run.stdout)
    for expected in (
        r'"name":"cities.csv","size":41,',  # a fast worker makes the status and the versions others
        r'{"status":"processed","version":\d,"detected":"text/csv","columns":\[{"name":"city","type":"text"},',
        r"claimedprocessing",
        r"finishedprocessed",
        r"Basel,171000",
        r'{"status":"failed","error":{"code":"unreadable_image"',
        r'"type":"announced","status":"awaiting_upload"}',
    ):
        assert re.search(expected, printed), f"{expected} isn't in {run.stdout}"
