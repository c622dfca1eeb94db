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
def service(filectl: Filectl, service_emulator: Emulator) -> Filectl:  # noqa: F811  # a fixture
    """The command with the emulator's URL."""
    filectl.url = service_emulator.url
    return filectl


@pytest.fixture
def mark(service: Filectl) -> Iterator[str]:
    """A value that only this test's files have in their metadata, under `test`. They are deleted at the end."""
    value = uuid4().hex
    yield value
    ids = [file["id"] for file in listed(service, "--metadata", f"test={value}")]
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
    Path("d/photo.png").write_bytes(photo)
    Path("d/e/empty.txt").write_bytes(b"")
    result = service("upload", "d", "--wait", "--metadata", f"test={mark}", "--parallel", "2")
    assert (result.status, result.err) == (0, "")
    assert {tuple(line[1:]) for line in result.lines} == {
        ("processed", str(len(photo)), "d/photo.png"),
        ("processed", "0", "d/e/empty.txt"),
    }
    ids = {line[3]: line[0] for line in result.lines}

    mine = ("--metadata", f"test={mark}")
    assert [file["name"] for file in listed(service, *mine, "--order", "name")] == ["empty.txt", "photo.png"]
    assert [file["name"] for file in listed(service, *mine, "-q", "PHOTO")] == ["photo.png"]
    assert [file["name"] for file in listed(service, *mine, "--type", "image/*")] == ["photo.png"]
    assert [file["name"] for file in listed(service, *mine, "--metadata", "path=d/e/empty.txt")] == ["empty.txt"]
    assert listed(service, *mine, "--status", "failed") == []
    one = service("ls", *mine, "--limit", "1", "--order", "-size")
    assert [(line[0], line[1], line[3], line[5]) for line in one.lines] == [
        (ids["d/photo.png"], "processed", "image/png", "photo.png")
    ]
    assert one.err == "filectl: These are the first 1 files. There are more: use --limit, or 0 for all.\n"

    shown = dict(service("show", ids["d/photo.png"]).lines)
    assert (shown["name"], shown["status"], shown["type"]) == ("photo.png", "processed", "image/png")
    assert "image.width" in shown
    assert [file["id"] for file in service("show", "--json", *ids.values()).json] == list(ids.values())

    assert service("get", ids["d/photo.png"]).out == "photo.png\n"
    assert Path("photo.png").read_bytes() == photo
    assert service("get", *ids.values(), "-o", "d/e", "--force").status == 0
    assert Path("d/e/photo.png").read_bytes() == photo
    refused = service("get", ids["d/photo.png"])
    assert (refused.status, refused.out) == (1, "")
    assert "photo.png exists. Use --force to replace it" in refused.err

    removed = service("rm", NO_ID, *ids.values(), "--json")
    assert removed.status == 3
    assert [line["id"] for line in removed.json] == list(ids.values())
    assert [(line["error"], line["file"]) for line in removed.json_errors] == [("not_found", NO_ID)]
    assert listed(service, *mine) == []


def test_standard_input_and_output(service: Filectl, mark: str) -> None:
    assert service.url is not None
    content = bytes(range(256)) * 1000
    upload = start(
        "upload",
        "-",
        "--name",
        "piped.bin",
        "--metadata",
        f"test={mark}",
        "--url",
        service.url,
        stdin=-1,
        text=False,
    )
    out, err = upload.communicate(content, timeout=20)
    assert (upload.returncode, err) == (0, b"")
    file_id = out.split(b"\t")[0].decode()
    download = start("get", file_id, "-o", "-", "--url", service.url, text=False)
    assert download.communicate(timeout=20) == (content, b"")


def test_the_status_of_a_file_decides_the_exit_status(service: Filectl, mark: str) -> None:
    Path("broken.png").write_bytes(make_image("PNG")[:60])
    result = service("upload", "broken.png", "--wait", "--metadata", f"test={mark}", "--json")
    assert result.status == 1
    assert [file["status"] for file in result.json] == ["failed"]
    [error] = result.json_errors
    assert (error["error"], error["file"], error["exitStatus"]) == ("file_failed", "broken.png", 1)


def test_refusals_of_the_service_are_told(service: Filectl) -> None:
    Path("a").write_bytes(b"x")
    refused = service("upload", "a", "--metadata", "k=" + "x" * 10_000)
    assert refused.status == 1
    assert refused.err.startswith("filectl: a: ")
    assert service("show", NO_ID).status == 3
    assert service("show", "no-id").status == 1
    assert service("ls", "--status", "unknown").status == 1


def test_watch_prints_changes_as_they_come_and_says_how_to_go_on(service: Filectl, mark: str) -> None:
    assert service.url is not None
    Path("a").write_bytes(b"x")
    watch = start("watch", "--url", service.url, "--json")
    assert watch.stdout is not None
    time.sleep(1)
    [uploaded] = service("upload", "a", "--wait", "--metadata", f"test={mark}", "--json").json
    types = []
    while "finished" not in types:
        change = json.loads(watch.stdout.readline())
        if change["id"] == uploaded["id"]:
            types.append(change["type"])
            first = change["seq"] if len(types) == 1 else first
    assert types[0] == "announced"
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
