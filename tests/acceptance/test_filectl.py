"""`filectl` and the service."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.acceptance.emulator_process import Emulator
from tests.filectl.command import Filectl, finish, start
from tests.filectl.conftest import filectl, user
from tests.processors.sample_files import make_image

__all__ = ["filectl", "user"]

NO_ID = "01a220b1-0000-7000-8000-000000000000"


@pytest.fixture
def service(filectl: Filectl, service_emulator: Emulator) -> Filectl:
    """The command with the emulator's URL."""
    filectl.url = service_emulator.url
    return filectl


@pytest.fixture
def mark(service: Filectl) -> Iterator[str]:
    """What only this test's files have in their names. They are deleted at the end."""
    value = uuid4().hex[:12]
    yield value
    ids = [file["id"] for file in listed(service, "-q", value)]
    if ids:
        assert service("rm", *ids).status == 0


def listed(service: Filectl, *filters: str) -> list[dict[str, Any]]:
    """Return the files that `filectl ls --json` lists."""
    result = service("ls", "--json", *filters)
    assert (result.status, result.err) == (0, "")
    files: list[dict[str, Any]] = json.loads(result.out)
    return files


def test_files_are_uploaded_listed_shown_downloaded_and_removed(service: Filectl, mark: str) -> None:
    Path("d/e").mkdir(parents=True)
    photo = make_image("PNG")
    image, empty = f"image-{mark}.png", f"empty-{mark}.txt"
    Path("d", image).write_bytes(photo)
    Path("d/e", empty).write_bytes(b"")
    result = service("upload", "d", "--wait", "--metadata", f"test={mark}", "--parallel", "2")
    assert (result.status, result.err) == (0, "")
    assert {tuple(line[1:]) for line in result.lines} == {
        ("processed", str(len(photo)), f"d/{image}"),
        ("processed", "0", f"d/e/{empty}"),
    }
    ids = {line[3]: line[0] for line in result.lines}

    mine = ("-q", mark)
    assert [file["name"] for file in listed(service, *mine, "--order", "name")] == [empty, image]
    assert [file["name"] for file in listed(service, *mine, "--type", "image/*")] == [image]
    assert listed(service, *mine, "--status", "failed") == []
    assert [file["name"] for file in listed(service, "--metadata", f"path=d/e/{empty}")] == [empty]
    assert [file["metadata"] for file in listed(service, "--metadata", f"test={mark}", "--type", "image/*")] == [
        {"path": f"d/{image}", "test": mark}
    ]
    one = service("ls", *mine, "--limit", "1", "--order", "-size")
    assert [(line[0], line[1], line[3], line[5]) for line in one.lines] == [
        (ids[f"d/{image}"], "processed", "image/png", image)
    ]
    assert one.err == "filectl: These are the first 1 files. There are more: use --limit, or 0 for all.\n"

    shown = dict(service("show", ids[f"d/{image}"]).lines)
    assert (shown["name"], shown["status"], shown["type"]) == (image, "processed", "image/png")
    assert "image.width" in shown
    assert [file["id"] for file in service("show", "--json", *ids.values()).json] == list(ids.values())

    assert service("get", ids[f"d/{image}"]).out == f"{image}\n"
    assert Path(image).read_bytes() == photo
    assert service("get", *ids.values(), "-o", "d/e", "--force").status == 0
    assert Path("d/e", image).read_bytes() == photo
    refused = service("get", ids[f"d/{image}"])
    assert (refused.status, refused.out) == (1, "")
    assert f"{image} exists. Use --force to replace it" in refused.err

    removed = service("rm", NO_ID, *ids.values(), "--json")
    assert removed.status == 3
    assert [line["id"] for line in removed.json] == list(ids.values())
    assert [(line["error"], line["file"]) for line in removed.json_errors] == [("not_found", NO_ID)]
    assert listed(service, *mine) == []


def test_standard_input_and_output(service: Filectl, mark: str) -> None:
    assert service.url is not None
    content = bytes(range(256)) * 1000
    Path("in").write_bytes(content)
    with Path("in").open("rb") as given:
        upload = start("upload", "-", "--name", mark, "--url", service.url, stdin=given)
        [[file_id, *_]] = finish(upload).lines
    with Path("out").open("wb") as printed:
        assert finish(start("get", file_id, "-o", "-", "--url", service.url, stdout=printed)).status == 0
    assert Path("out").read_bytes() == content


def test_the_status_of_a_file_decides_the_exit_status(service: Filectl, mark: str) -> None:
    name = f"{mark}.png"
    Path(name).write_bytes(make_image("PNG")[:20])
    result = service("upload", name, "--wait", "--json")
    assert result.status == 1
    assert [file["status"] for file in result.json] == ["failed"]
    [error] = result.json_errors
    assert (error["error"], error["file"], error["exitStatus"]) == ("file_failed", name, 1)


def test_refusals_of_the_service_are_told(service: Filectl) -> None:
    Path("a").write_bytes(b"x")
    refused = service("upload", "a", "--metadata", "k=" + "x" * 10_000)
    assert refused.status == 1
    assert refused.err.startswith("filectl: a: ")
    assert service("show", NO_ID).status == 3
    assert service("show", "no-id").status == 1
    assert service("ls", "--status", "unknown").status == 1


def history(printed: Path, file_id: str) -> list[tuple[str, int]]:
    """Return the types and numbers of the file's changes, when the last one is printed, or after some seconds."""
    end = time.monotonic() + 5
    while True:
        changes = [
            json.loads(line) for line in printed.read_text().splitlines(keepends=True) if line.endswith("\n")
        ]
        seen = [(change["type"], change["seq"]) for change in changes if change["id"] == file_id]
        if "finished" in dict(seen) or time.monotonic() > end:
            return seen
        time.sleep(0.05)


@pytest.mark.slow(5)
def test_watch_prints_changes_as_they_come_and_says_how_to_go_on(service: Filectl, mark: str) -> None:
    assert service.url is not None
    printed = Path("changes")
    with printed.open("w") as stdout:
        watch = start("watch", "--url", service.url, "--json", stdout=stdout)
    for number in range(10):  # it begins after the last change, and takes a moment to find that out
        Path(f"{mark}{number}").write_bytes(b"x")
        [uploaded] = service("upload", f"{mark}{number}", "--wait", "--json").json
        seen = history(printed, uploaded["id"])
        if seen and seen[0][0] == "announced":
            break
    assert (seen[0][0], seen[-1][0]) == ("announced", "finished")
    first = seen[0][1]
    watch.send_signal(signal.SIGINT)
    ended = finish(watch)
    assert ended.status == 130
    [warning] = ended.json_errors
    assert "To continue from here: filectl watch --since" in warning["warning"]

    again = start("watch", "--since", str(first - 1), "--url", service.url)
    assert again.stdout is not None
    line = again.stdout.readline().split("\t")
    again.terminate()
    assert finish(again).status == 143
    assert (line[0], line[2], line[3], line[4]) == (str(first), "announced", uploaded["id"], "awaiting_upload\n")
