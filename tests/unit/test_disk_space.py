"""When there is room for an object, and what is said at the start if there isn't."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulator.disk_space import (
    FIRST_START_BYTES,
    FIRST_START_FILES,
    MIB,
    RESERVE_BYTES,
    RESERVE_FILES,
    START_BYTES,
    START_FILES,
    check_space,
    has_room,
)
from emulator.errors import EmulatorError

BLOCK = 4096


def set_disk(monkeypatch: pytest.MonkeyPatch, free: int, files: int = 10**6, free_files: int = 10**6) -> None:
    counts = {"f_blocks": 0, "f_bfree": 0, "f_bavail": free // BLOCK, "f_files": files, "f_favail": free_files}
    disk: Any = SimpleNamespace(f_frsize=BLOCK, **counts)
    monkeypatch.setattr(os, "statvfs", lambda directory: disk)  # noqa: ARG005  # the signature of os.statvfs


@pytest.mark.parametrize(
    ("free", "files", "free_files", "expected"),
    [
        (RESERVE_BYTES + MIB, 10**6, 10**6, True),
        (RESERVE_BYTES + MIB - BLOCK, 10**6, 10**6, False),
        (RESERVE_BYTES * 10, 10**6, 10, False),
        (RESERVE_BYTES * 10, 0, 0, True),
    ],
    ids=["room", "no bytes", "no inodes", "a file system without inodes"],
)
def test_an_object_must_leave_the_reserve(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free: int, files: int, free_files: int, expected: bool
) -> None:
    set_disk(monkeypatch, free, files, free_files)
    assert has_room(tmp_path, MIB) is expected


def test_a_first_start_needs_more_than_later_ones(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_disk(monkeypatch, FIRST_START_BYTES - BLOCK)
    with pytest.raises(EmulatorError, match=r"has 191 MB left, and 192 MB are needed; make space on it, or"):
        check_space(tmp_path, print)
    (tmp_path / "postgres").mkdir()
    printed: list[str] = []
    check_space(tmp_path, printed.append)
    assert printed == []


def test_a_later_start_with_little_space_prints_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    set_disk(monkeypatch, START_BYTES)
    printed: list[str] = []
    check_space(tmp_path, printed.append)
    [line] = printed
    assert line.startswith(
        f"warning: the disk of {tmp_path} has 32 MB left, and 64 MB are needed, so uploads are refused; make space"
    )


def test_a_later_start_without_space_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    set_disk(monkeypatch, START_BYTES - BLOCK)
    with pytest.raises(EmulatorError, match="has 31 MB left, and 32 MB are needed"):
        check_space(tmp_path, print)


def test_files_are_counted_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_disk(monkeypatch, FIRST_START_BYTES, free_files=FIRST_START_FILES - 1)
    with pytest.raises(EmulatorError, match=r"has inodes for 2499 files left, and 2500 are needed; make space"):
        check_space(tmp_path, print)
    (tmp_path / "postgres").mkdir()
    set_disk(monkeypatch, FIRST_START_BYTES, free_files=START_FILES - 1)
    with pytest.raises(EmulatorError, match=r"has inodes for 49 files left, and 50 are needed; make space"):
        check_space(tmp_path, print)
    set_disk(monkeypatch, FIRST_START_BYTES, free_files=RESERVE_FILES - 1)
    printed: list[str] = []
    check_space(tmp_path, printed.append)
    [line] = printed
    assert "has inodes for 999 files left, and 1000 are needed, so uploads are refused" in line
