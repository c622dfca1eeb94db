"""The emulator's output where nobody reads it, or where it is closed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from emulator import standard_streams

ROOT = Path(__file__).parents[2]
PRINT_FOREVER = """
import sys
from emulator.standard_streams import print_line
stops = []
while not stops:
    print_line("line", lambda: stops.append(1))
print_line("lost", lambda: stops.append(2))
sys.exit(10 + len(stops))
"""
OPEN_MISSING = """
import os
from emulator.standard_streams import open_missing_streams
open_missing_streams()
with open("/dev/zero") as file:
    number = file.fileno()
print("printed", flush=True)
child = os.system("test -e /dev/fd/0 && test -e /dev/fd/1 && test -e /dev/fd/2")
os._exit(number if child == 0 else 99)
"""


def test_output_that_nobody_reads_stops_it_without_a_traceback() -> None:
    command = [sys.executable, "-c", PRINT_FOREVER]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert process.wait(20) == 11, "asked to stop once"
        assert process.stderr.read() == b""


def test_a_full_disk_loses_lines_and_nothing_else() -> None:
    program = 'from emulator.standard_streams import print_line\nprint_line("line", lambda: 1 / 0)\n'
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", program + "import os\nos._exit(0)"]
        ended = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_closed_stream(closed: str) -> None:
    """The first file that is opened afterwards has the number 3."""
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", OPEN_MISSING]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (3, b"")
    assert ended.stdout == (b"" if ">&- " in f"{closed} ".replace("2>&-", "") else b"printed\n")


def test_a_character_that_the_terminal_lacks_is_escaped() -> None:
    program = (
        "from emulator.standard_streams import *\nescape_unencodable_characters()\n"
        "print_line('Gr\\u00fc\\u00dfe', lambda: None)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )
    assert ended.stdout == rb"Gr\xfc\xdfe" + b"\n"


def test_an_error_that_nobody_can_read_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as broken:
        monkeypatch.setattr(sys, "stderr", broken)
        standard_streams.print_error("error: unread")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), writer)  # for what closing it flushes
