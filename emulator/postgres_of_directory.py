"""The PostgreSQL of a data directory, whether an emulator runs on it or not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from emulator.data_directory import DataDirectory, DirectoryInUseError
from emulator.errors import EmulatorError
from emulator.orphans import terminate_orphans
from emulator.postgres import APP_ROLE, EmbeddedPostgres
from emulator.postgres_pid_file import socket_directory
from emulator.postgres_programs import SUPERUSER, PostgresPrograms

START_SECONDS = 30
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class DirectoryPostgres:
    """A PostgreSQL that accepts connections."""

    app_url: str
    owner_url: str
    is_own: bool
    """Whether it was started for this process, and nothing else uses it."""


@contextmanager
def postgres_of(directory: Path) -> Iterator[DirectoryPostgres]:
    """Start the data directory's PostgreSQL for the moment, or use that of the emulator that runs on it.

    Raises EmulatorError if neither is possible.
    """
    try:
        with DataDirectory(directory) as data:
            terminate_orphans(data.path, ["ministack", "postgres"])
            with EmbeddedPostgres(data.path) as server:
                yield DirectoryPostgres(server.app_url, server.url, is_own=True)
    except DirectoryInUseError:
        sockets = _wait_for_server(directory.absolute() / "postgres")
        host = quote(str(sockets), safe="")
        app_url, owner_url = (f"postgresql://{user}@/postgres?host={host}" for user in (APP_ROLE, SUPERUSER))
        yield DirectoryPostgres(app_url, owner_url, is_own=False)


def _wait_for_server(data: Path) -> Path:
    """Return the directory of the running server's socket when it accepts connections."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        sockets = socket_directory(data)
        if sockets is not None:
            options = ("--quiet", f"--host={sockets}", f"--username={SUPERUSER}", f"--dbname={SUPERUSER}")
            if PostgresPrograms().run("pg_isready", *options).returncode == 0:
                return sockets
        time.sleep(POLL_SECONDS)
    raise EmulatorError(
        f"the emulator that runs on {data.parent} has no PostgreSQL that responds; wait until it prints `ready`"
    )
