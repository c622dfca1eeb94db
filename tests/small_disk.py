"""A small disk of a test's own: a tmpfs in a mount namespace, which vanishes with its last process.

Linux lets root make one, and most distributions any user, in a user namespace: user_namespaces(7).
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

IS_ROOT = os.geteuid() == 0
CREATE = ["--mount"] if IS_ROOT else ["--mount", "--user", "--map-current-user", "--keep-caps"]
ENTER = ["--mount"] if IS_ROOT else ["--mount", "--user", "--preserve-credentials"]
MIB = 1024 * 1024
RUN = 'cd "$1" && shift && exec "$@"'


@dataclass
class SmallDisk:
    """A mounted disk. Only processes that are started with `command` see it under its path."""

    path: Path
    pid: int
    shell: IO[str]
    """Takes the commands of a shell that may mount."""
    output: IO[str]

    def command(self, *command: str) -> list[str]:
        """Return what runs the command in the present directory, with the disk mounted."""
        enter = ["nsenter", f"--target={self.pid}", *ENTER, "--"]
        return [*enter, "sh", "-c", RUN, "sh", str(Path.cwd()), *command]

    @property
    def outside(self) -> Path:
        """The disk's directory as other processes see it."""
        return Path(f"/proc/{self.pid}/root") / self.path.relative_to("/")

    def mount(self, options: str) -> bool:
        """Mount the disk, or with `remount` change its options. Return whether that was possible."""
        self.shell.write(f'mount -t tmpfs -o "{options}" none "{self.path}"; echo $?\n')
        self.shell.flush()
        return self.output.readline() == "0\n"

    def fill(self, leave: int = 0) -> None:
        """Fill the disk up to so many bytes, with a file that `empty` deletes."""
        with (self.outside / "filler").open("ab") as file:
            for is_last in (False, False, True):
                disk = os.statvfs(self.outside)
                try:
                    os.posix_fallocate(file.fileno(), file.tell(), disk.f_bavail * disk.f_frsize - leave)
                    break
                except OSError:  # a server has just written
                    if is_last:
                        raise

    def empty(self) -> None:
        """Delete what `fill` wrote."""
        (self.outside / "filler").unlink()


@contextmanager
def small_disk(path: Path, options: str) -> Iterator[SmallDisk]:
    """Mount a tmpfs with these options at a directory. Skip the test where that isn't allowed, except in CI."""
    reason = "this user may not mount a disk in a namespace of its own"
    unshare = ["unshare", *CREATE]
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    path.mkdir(exist_ok=True)
    with subprocess.Popen([*unshare, "sh"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        disk = SmallDisk(path, holder.pid, holder.stdin, holder.stdout)
        if not disk.mount(options):
            assert not os.environ.get("CI"), reason
            pytest.skip(reason)
        yield disk
