"""Runs the command that docs/how-to/operate.md gives administrators."""

import json
import os
import re
import shlex
import subprocess
import sys

from emulator.environment import CREDENTIALS
from tests.acceptance.emulator_process import REPOSITORY, Emulator


def test_outdated_files_are_marked_without_the_aws_command(service_emulator: Emulator) -> None:
    page = (REPOSITORY / "docs" / "how-to" / "operate.md").read_text()
    [command] = re.findall(r"^\$ \.venv/bin/(python -c .*mark_files_for_reprocessing.*)$", page, re.MULTILINE)
    _, *arguments = shlex.split(command.replace("http://127.0.0.1:4566", service_emulator.aws_url))
    run = subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | CREDENTIALS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout) == {"marked": 0, "after": None}
