"""The help of filectl's commands in docs/reference/filectl.md."""

import re

from click.testing import CliRunner

from filectl.program import filectl

HELP = re.compile(r"^\$ (filectl [a-z ]+--help)\n.*?^```$", re.MULTILINE | re.DOTALL)
"""A command in a block, and what it prints, up to the end of the block."""


def update_help(page: str) -> str:
    """Return the page with the help as it is now."""
    return HELP.sub(lambda found: f"$ {found[1]}\n{print_help(found[1])}```", page)


def print_help(command: str) -> str:
    """Return what `filectl … --help` prints where there is no terminal."""
    program, *arguments = command.split()
    return CliRunner().invoke(filectl, arguments, prog_name=program, terminal_width=78).output
