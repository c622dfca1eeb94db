"""What a killed PostgreSQL leaves is removed, and nothing else."""

import os
from pathlib import Path

import pytest

from emulator.postgres_pid_file import remove_stale_pid_file


def write_pid_file(data: Path, pid: int | str, sockets: Path) -> Path:
    pid_file = data / "postmaster.pid"
    pid_file.write_text(f"{pid}\n{data}\n1764280000\n5432\n{sockets}\n\n  1234  5\nready\n")
    return pid_file


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1, "garbage"], ids=["own", "free", "garbage"])
def test_the_pid_file_of_another_process_and_its_socket_are_removed(tmp_path: Path, pid: int | str) -> None:
    sockets = tmp_path / "file-loader-x"
    sockets.mkdir()
    pid_file = write_pid_file(tmp_path, pid, sockets)
    remove_stale_pid_file(tmp_path, tmp_path / "file-loader-next")
    assert not pid_file.exists()
    assert not sockets.exists()


def test_the_directory_stays_if_the_next_server_uses_it(tmp_path: Path) -> None:
    """As when it is started again after a crash."""
    sockets = tmp_path / "file-loader-next"
    sockets.mkdir()
    pid_file = write_pid_file(tmp_path, 2**22 + 1, sockets)
    remove_stale_pid_file(tmp_path, sockets)
    assert not pid_file.exists()
    assert sockets.exists()


def test_a_directory_that_is_not_the_emulators_stays(tmp_path: Path) -> None:
    sockets = tmp_path / "run"
    sockets.mkdir()
    write_pid_file(tmp_path, 2**22 + 1, sockets)
    remove_stale_pid_file(tmp_path, tmp_path / "file-loader-next")
    assert sockets.exists()


def test_an_empty_pid_file_is_removed(tmp_path: Path) -> None:
    """A full disk leaves one."""
    (tmp_path / "postmaster.pid").touch()
    remove_stale_pid_file(tmp_path, tmp_path / "file-loader-next")
    assert list(tmp_path.iterdir()) == []
