"""docs/reference/filectl.md has all of filectl. tests/acceptance/test_console_examples.py runs what it shows."""

import re

import pytest

from filectl.exit_statuses import MEANINGS, ExitStatus
from filectl.program import filectl
from tests.pages.console_commands import PROJECT, console_commands

PAGE = PROJECT / "docs" / "reference" / "filectl.md"


def test_every_exit_status_is_documented() -> None:
    rows = re.findall(r"^\| `(\d+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {ExitStatus(int(status)): meaning for status, meaning in rows} == MEANINGS
    assert set(MEANINGS) == set(ExitStatus)


@pytest.mark.parametrize("name", filectl.commands)
def test_every_command_is_documented_with_its_help(name: str) -> None:
    assert f"\n## `filectl {name}`\n" in PAGE.read_text()
    assert f"filectl {name} --help" in [command.text for command in console_commands(PAGE) if command.output]
