"""docs/reference/filectl.md has all of filectl. tests/acceptance/test_console_examples.py runs what it shows."""

import re
from collections.abc import Iterator

import click
import pytest

from filectl.exit_statuses import MEANINGS, ExitStatus
from filectl.program import filectl
from tests.pages.console_commands import PROJECT, console_commands

PAGE = PROJECT / "docs" / "reference" / "filectl.md"


def test_every_exit_status_is_documented() -> None:
    rows = re.findall(r"^\| `(\d+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert {ExitStatus(int(status)): meaning for status, meaning in rows} == MEANINGS
    assert set(MEANINGS) == set(ExitStatus)


def command_names(group: click.Group, prefix: str = "") -> Iterator[str]:
    """Yield the names of the commands, also of those of commands, such as `token create`."""
    for name, command in group.commands.items():
        yield f"{prefix}{name}"
        if isinstance(command, click.Group):
            yield from command_names(command, f"{prefix}{name} ")


@pytest.mark.parametrize("name", list(command_names(filectl)))
def test_every_command_is_documented_with_its_help(name: str) -> None:
    assert f"\n## `filectl {name}`\n" in PAGE.read_text()
    assert f"filectl {name} --help" in [command.text for command in console_commands(PAGE) if command.output]
