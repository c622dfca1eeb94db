"""A server's log stays small although the server keeps it open."""

import os
import shutil
from pathlib import Path

import pytest

from emulator.log_rotation import rotate


def test_a_log_that_is_written_to_forever_stays_small(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    with log.open("ab", buffering=0) as server:
        for number in range(1000):
            server.write(f"{number:09}\n".encode())
            rotate(log, max_bytes=1000)
    parts = [tmp_path / "server.log.1", log]
    assert sorted(tmp_path.iterdir()) == sorted(parts)
    assert all(part.stat().st_size <= 1010 for part in parts)
    lines = "".join(part.read_text() for part in parts).splitlines()
    assert [int(line) for line in lines] == list(range(1000 - len(lines), 1000))


def test_on_a_full_disk_a_log_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy_to_full_disk(source: Path, target: Path) -> None:  # noqa: ARG001  # the signature of copyfile
        target.write_bytes(b"a part of it")
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(shutil, "copyfile", copy_to_full_disk)
    log = tmp_path / "server.log"
    log.write_bytes(b"x" * 1001)
    rotate(log, max_bytes=1000)
    assert log.read_bytes() == b""
    assert list(tmp_path.iterdir()) == [log]


def test_a_missing_log_is_no_error(tmp_path: Path) -> None:
    rotate(tmp_path / "server.log")
    assert list(tmp_path.iterdir()) == []
