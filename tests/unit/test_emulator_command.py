"""`python -m emulator` where the machine keeps it from running: one line and an exit code."""

import errno
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import emulator.__main__ as command

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave pytest's own handlers in place."""
    monkeypatch.setattr("signal.signal", lambda *_: None)


def fail_with(error: Exception) -> object:
    def run(*_: object) -> None:
        raise error

    return run


def test_error_says_what_to_do_without_a_home_directory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As with `docker run --user 12345`."""
    error = RuntimeError("could not determine the home directory")
    monkeypatch.setattr("emulator.default_directory.user_data_dir", fail_with(error))
    assert command.main([]) == 1
    assert capsys.readouterr().err == (
        "error: this user has no home directory; set HOME, or choose a directory with --data-dir\n"
    )


def test_data_directory_with_a_line_break_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--data-dir", str(tmp_path / "a\nb")]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert r"/a\nb' has a line break, which PostgreSQL doesn't accept" in line


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.EMFILE])
def test_condition_of_the_machine_is_one_line(
    number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "run", fail_with(OSError(number, "Reason", "/data/file")))
    assert command.main([]) == 1
    assert capsys.readouterr().err == "error: Reason: /data/file\n"


def test_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "run", fail_with(FileNotFoundError(errno.ENOENT, "Reason", "missing")))
    with pytest.raises(FileNotFoundError):
        command.main([])


def test_too_few_open_files_are_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert command.main([]) == 1
    assert capsys.readouterr().err == (
        "error: only 64 open files are allowed, and 128 are needed: raise `ulimit -Hn`\n"
    )


@pytest.mark.parametrize(("soft", "hard", "raised"), [(64, 8192, 4096), (64, 512, 512), (6000, 8192, 6000)])
def test_limit_on_open_files_is_raised_as_far_as_allowed(soft: int, hard: int, raised: int) -> None:
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < hard:
        pytest.skip(f"this shell allows fewer than {hard} open files")
    program = (
        "import resource\nfrom emulator.open_files_limit import raise_open_files_limit\n"
        f"resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
        "raise_open_files_limit()\nprint(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{raised} {hard}\n"
