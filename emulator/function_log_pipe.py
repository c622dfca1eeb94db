"""Shows what the functions log. MiniStack stores it in CloudWatch Logs, where a developer doesn't look.

The emulator's own MiniStack also writes it to a pipe (emulator/log_streams.py).
"""

import re
from collections.abc import Callable
from threading import Thread
from typing import IO

from emulator.app_spec import AppSpec

PLATFORM_LINE = re.compile(r"(START|END|REPORT) RequestId: ")
"""How the lines begin that Lambda itself writes around those of each invocation."""
STOP_SECONDS = 2.0


class FunctionLogPipe:
    """A thread that prints what it reads: JSON unchanged, other lines with the function's name in front."""

    def __init__(self, pipe: IO[str], print_line: Callable[[str], None]) -> None:
        """`pipe` has lines with a function's deployed name, a tab, and what it has logged."""
        self._pipe = pipe
        self._print_line = print_line
        self._names: dict[str, str] = {}
        self._thread = Thread(target=self._run, name="function logs", daemon=True)
        self._thread.start()

    def follow(self, app_spec: AppSpec) -> None:
        """Call the functions by their names in this AppSpec from now on."""
        self._names |= {app_spec.deployed_name(function): function.name for function in app_spec.functions}

    def stop(self) -> None:
        """Print what is left. MiniStack must have been stopped."""
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        with self._pipe as lines:
            for line in lines:
                name, _, text = line.rstrip("\n").partition("\t")
                print_function_line(self._names.get(name, name), text, self._print_line)


def print_function_line(function: str, line: str, print_line: Callable[[str], None]) -> None:
    """Print a line that a function has logged."""
    if line.startswith("{"):
        print_line(line)
    elif line.strip() and not PLATFORM_LINE.match(line):
        print_line(f"{function}: {line}")
