"""PostgreSQL's programs where the user who runs them can't make a database: one line says why and what to do."""

import os
import pwd
import stat
import subprocess
from pathlib import Path

import pytest

from emulator import postgres_programs
from emulator.errors import EmulatorError
from emulator.postgres import MAX_SOCKET_PATH, SOCKET_NAME, EmbeddedPostgres, _make_socket_directory
from emulator.postgres_programs import PostgresPrograms


@pytest.fixture
def unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with `docker run --user 12345`."""
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    def fail(uid: int) -> pwd.struct_passwd:
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", fail)


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.mark.usefixtures("unknown_user")
def test_error_says_what_to_do_without_a_passwd_entry(tmp_path: Path) -> None:
    with pytest.raises(
        EmulatorError, match=r"^the user id 12345 has no entry in /etc/passwd.*DATABASE_URL"
    ) as raised:
        PostgresPrograms().run_initdb(tmp_path)
    assert "\n" not in str(raised.value)


@pytest.mark.usefixtures("root")
def test_error_says_what_to_do_where_root_can_create_no_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> pwd.struct_passwd:
        raise subprocess.CalledProcessError(1, ["useradd", name], stderr="useradd: cannot lock /etc/passwd\n")

    monkeypatch.setattr(postgres_programs, "ensure_user_exists", fail)
    with pytest.raises(EmulatorError, match=r"refuses to run as root.*\(useradd: cannot lock /etc/passwd\)"):
        _ = PostgresPrograms().user


def test_reason_of_initdb_is_one_line(tmp_path: Path) -> None:
    data = tmp_path.joinpath(*["a folder whose path is too long for PostgreSQL" * 4] * 6)
    with pytest.raises(
        EmulatorError, match=r"can't hold PostgreSQL's data \(initdb: error: .*--data-dir$"
    ) as raised:
        PostgresPrograms().run_initdb(data / "postgres")
    assert "\n" not in str(raised.value)


def test_reason_is_one_line_where_the_server_that_initdb_runs_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when its disk has no inodes left."""
    output = (
        '2026-11-27 22:57:12.8 UTC [26110] FATAL:  could not create file "base/4/3119": No space left on device\n'
        "2026-11-27 22:57:12.8 UTC [26110] STATEMENT:  CREATE DATABASE template0 IS_TEMPLATE = true;\n\t\n"
        "child process exited with exit code 1\n"
        f'initdb: removing contents of data directory "{tmp_path}"\n'
    )
    failed = subprocess.CompletedProcess(["initdb"], 1, "", output)
    monkeypatch.setattr(PostgresPrograms, "run", lambda *_: failed)
    with pytest.raises(EmulatorError) as raised:
        PostgresPrograms().run_initdb(tmp_path / "postgres")
    reason = 'FATAL:  could not create file "base/4/3119": No space left on device'
    assert str(raised.value) == (
        f"{tmp_path} can't hold PostgreSQL's data ({reason}); choose another directory with --data-dir"
    )


@pytest.mark.usefixtures("root")
def test_user_of_root_may_pass_folders_and_read_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_programs, "ensure_user_exists", lambda _: pwd.getpwuid(os.getuid()))
    data = tmp_path / "private" / "data"
    data.mkdir(parents=True)
    data.parent.chmod(0o700)
    PostgresPrograms().give(data)
    assert stat.S_IMODE(data.parent.stat().st_mode) == 0o701


@pytest.mark.usefixtures("root")
def test_folder_whose_permissions_cannot_be_changed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path, _mode: int) -> None:
        raise OSError(30, "Read-only file system", str(path))

    monkeypatch.setattr(postgres_programs, "ensure_user_exists", lambda _: pwd.getpwuid(os.getuid()))
    monkeypatch.setattr(Path, "chmod", fail)
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    (private / "data").mkdir(mode=0o700)
    with pytest.raises(EmulatorError, match=rf"access to {private} \(Read-only file system\)"):
        PostgresPrograms().give(private / "data")


def test_data_of_another_user_is_refused_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `sudo make run`."""
    (tmp_path / "postgres").mkdir()
    server = EmbeddedPostgres(tmp_path)
    monkeypatch.setattr(PostgresPrograms, "user_id", 12345)
    with pytest.raises(EmulatorError, match=r"^.*/postgres was made by another user \(\w+\); .*--data-dir$"):
        server._initialise_data()
    server.stop()


@pytest.mark.parametrize("length", [10, 50, 150])
def test_socket_path_fits_whatever_tmpdir_is(length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = tmp_path / ("x" * length)
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    directory = _make_socket_directory()
    assert len(os.fsencode(directory / SOCKET_NAME)) <= MAX_SOCKET_PATH
    assert directory.parent == temporary or list(temporary.iterdir()) == []
    directory.rmdir()
