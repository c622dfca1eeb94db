"""Which files `filectl upload` finds."""

import os
from pathlib import Path

import pytest

from filectl.errors import UsageError
from filectl.sources import Source, find_sources


class Found:
    """The sources of some arguments, and what was said about the others."""

    def __init__(self, *paths: str) -> None:
        self.warnings: list[str] = []
        self.failures: list[OSError] = []
        self.sources: list[Source] = list(find_sources(paths, self.warnings.append, self.failures.append))

    def paths(self) -> dict[str, str | None]:
        return {source.label: source.relative_path for source in self.sources}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder to work in, with photos."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos" / "2026" / "empty").mkdir(parents=True)
    for name in ("b.jpg", ".hidden", "2026/a.jpg"):
        (tmp_path / "photos" / name).write_bytes(b"photo")
    return tmp_path


def test_a_folder_has_the_files_below_it_in_order_with_their_paths() -> None:
    found = Found("photos")
    assert found.paths() == {
        "photos/.hidden": "photos/.hidden",
        "photos/b.jpg": "photos/b.jpg",
        "photos/2026/a.jpg": "photos/2026/a.jpg",
    }
    assert list(found.paths()) == ["photos/.hidden", "photos/b.jpg", "photos/2026/a.jpg"]
    assert [source.size for source in found.sources] == [5, 5, 5]
    assert (found.warnings, found.failures) == ([], [])


@pytest.mark.parametrize("argument", ["photos/", "./photos", "photos/2026/.."])
def test_the_path_begins_with_the_folders_name(argument: str) -> None:
    assert "photos/2026/a.jpg" in Found(argument).paths().values()


def test_the_folder_can_be_the_current_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "photos" / "2026")
    assert Found(".").paths() == {"a.jpg": "2026/a.jpg"}


def test_a_file_has_no_relative_path() -> None:
    assert Found("photos/b.jpg").paths() == {"photos/b.jpg": None}


def test_links_to_files_are_followed_and_those_to_folders_only_as_arguments(folder: Path) -> None:
    (folder / "photos" / "circle").symlink_to(folder / "photos")
    (folder / "photos" / "link.jpg").symlink_to(folder / "photos" / "b.jpg")
    found = Found("photos")
    assert "photos/link.jpg" in found.paths()
    assert len(found.sources) == 4
    assert found.warnings == ["photos/circle is a symbolic link to a folder: it isn't followed."]
    assert "photos/circle/b.jpg" in Found("photos/circle").paths()


def test_what_cannot_be_read_does_not_hide_the_others(folder: Path) -> None:
    (folder / "photos" / "broken").symlink_to("nowhere")
    found = Found("photos")
    assert len(found.sources) == 3
    assert [Path(failure.filename).name for failure in found.failures] == ["broken"]


def test_what_is_no_file_is_left_out_of_a_folder_and_a_stream_as_an_argument(folder: Path) -> None:
    os.mkfifo(folder / "photos" / "fifo")
    found = Found("photos")
    assert found.warnings == ["photos/fifo isn't a file: it isn't uploaded."]
    assert [source.size for source in Found("photos/fifo", "-").sources] == [None, None]


def test_a_folder_without_files_is_said() -> None:
    assert Found("photos/2026/empty").warnings == ["There are no files in photos/2026/empty."]


def test_an_argument_that_does_not_exist_is_found_before_anything_is_uploaded() -> None:
    sources = find_sources(["photos", "phoots"], print, print)
    with pytest.raises(UsageError, match=r"There is no file phoots\."):
        next(sources)


def test_a_name_that_is_not_utf_8_is_readable(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/photos/Men\xfc")).write_bytes(b"")
    [source] = [source for source in Found("photos").sources if source.size == 0]
    assert (source.name, source.relative_path) == ("Men\ufffd", "photos/Men\ufffd")


def test_an_empty_argument_is_not_the_current_folder() -> None:
    with pytest.raises(UsageError, match="An argument is empty"):
        Found("photos", "")
