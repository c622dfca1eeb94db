"""What a killed PostgreSQL leaves: postmaster.pid, and the directory of its socket."""

import shutil
from pathlib import Path

import psutil

SOCKET_PREFIX = "file-loader-"
"""How the names of the sockets' directories begin."""
SOCKET_LINE = 4
"""The line with the directory, counted from 0 (src/include/utils/pidfile.h of PostgreSQL)."""


def remove_stale_pid_file(data: Path, sockets: Path) -> None:
    """Remove postmaster.pid from a data directory if its process has ended. Remove the directory of its socket,
    too, unless that is `sockets`, the one of the next server.

    PostgreSQL would take another program that has the process's id by now for a running server.
    """
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    lines = pid_file.read_text().splitlines()
    if _is_server(lines, data):
        return
    pid_file.unlink()
    if len(lines) > SOCKET_LINE:
        previous = Path(lines[SOCKET_LINE])
        if previous != sockets and previous.name.startswith(SOCKET_PREFIX):
            shutil.rmtree(previous, ignore_errors=True)


def socket_directory(data: Path) -> Path | None:
    """Return the directory of the socket of the server that runs on a data directory; None if none does."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return None
    if len(lines) <= SOCKET_LINE or not _is_server(lines, data):
        return None
    return Path(lines[SOCKET_LINE])


def _is_server(lines: list[str], data: Path) -> bool:
    try:
        return str(data) in psutil.Process(int(lines[0])).cmdline()
    except (IndexError, ValueError, psutil.Error):
        return False
