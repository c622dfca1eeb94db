"""The emulator's secret for upload tokens."""

import os
from pathlib import Path

from emulator.signing_secret import FILE_NAME, load_secret


def test_secret_is_kept_and_only_its_user_reads_it(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        secret = load_secret(tmp_path)
    finally:
        os.umask(umask)
    assert len(secret) >= 64
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert load_secret(tmp_path) == secret
    assert [each.name for each in tmp_path.iterdir()] == [FILE_NAME]


def test_every_directory_has_another_secret(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    assert load_secret(first) != load_secret(second)


def test_interrupted_start_leaves_no_half_of_a_secret(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).with_suffix(".new").write_text("half")
    assert len(load_secret(tmp_path)) >= 64
