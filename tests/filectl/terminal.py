"""filectl on a terminal."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from select import select

from tests.filectl.command import COMMAND, environment

CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")

SECONDS = 20
"""Until a process that sends nothing is ended."""


class Terminal:
    """A process of filectl on a terminal, and what it sends there."""

    def __init__(self, *arguments: str, columns: int = 80) -> None:
        self._master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        variables = {name: value for name, value in environment().items() if name not in {"COLUMNS", "NO_COLOR"}}
        self.process = subprocess.Popen(
            ["/bin/sh", "-c", 'exec "$@" <>"$0"', os.ttyname(terminal), *COMMAND, *arguments],
            env=variables,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,  # the terminal that the first process of a session opens controls it
        )
        os.close(terminal)
        self.sent = ""

    def read_until(self, text: str) -> None:
        """Wait until it has sent the text."""
        while text not in self.sent:
            block = self._read()
            assert block, f"it ended with {self.sent!r}"
            self.sent += block

    def type(self, text: str) -> None:
        """Type on its keyboard."""
        os.write(self._master, text.encode())

    def is_echoing(self) -> bool:
        """Return whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def finish(self) -> int:
        """Return its exit status, when it has ended."""
        while block := self._read():
            self.sent += block
        os.close(self._master)
        return self.process.wait(20)

    def _read(self) -> str:
        if not select([self._master], [], [], SECONDS)[0]:
            self.process.kill()
            raise AssertionError(f"it doesn't go on after {self.sent!r}")
        try:
            return os.read(self._master, 65536).decode(errors="replace")
        except OSError:  # Linux's way to say that the other side is closed
            return ""


def run_on_terminal(*arguments: str, columns: int = 80) -> tuple[int, str]:
    """Run filectl on a terminal, and return its exit status and what it has sent there."""
    terminal = Terminal(*arguments, columns=columns)
    return terminal.finish(), terminal.sent


def visible_lines(sent: str) -> list[str]:
    return [line.rstrip() for line in re.split(r"[\r\n]+", CONTROL.sub("", sent)) if line.strip()]
