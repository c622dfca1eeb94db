"""`filectl get` against a fake service, and what `upload --wait` makes of statuses."""

import signal
from pathlib import Path
from threading import Event

import pytest

from tests.client.fake_messages import Request, reply
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl, finish, start

CONTENT = b"content of a file" * 100


@pytest.fixture
def get(filectl: Filectl, service: FakeService) -> Filectl:
    """The command with the URL of the fake service, which has a file with the id `upload-1`."""
    filectl.url = service.url
    Path("a.bin").write_bytes(CONTENT)
    assert filectl("upload", "a.bin").status == 0
    Path("a.bin").unlink()
    return filectl


def test_a_file_is_saved_under_its_name(get: Filectl) -> None:
    assert get("get", "upload-1").out == "a.bin\n"
    assert Path("a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("target", ["other.bin", "folder"])
def test_a_file_is_saved_elsewhere(get: Filectl, target: str) -> None:
    Path("folder").mkdir()
    path = Path("folder/a.bin") if target == "folder" else Path(target)
    assert get("get", "upload-1", "-o", target, "--json").json == [{"id": "upload-1", "path": str(path)}]
    assert path.read_bytes() == CONTENT


def test_a_file_that_exists_is_replaced_only_if_asked_to(get: Filectl) -> None:
    Path("a.bin").write_bytes(b"mine")
    refused = get("get", "upload-1", "--json")
    assert (refused.status, refused.json_errors[0]["error"]) == (1, "file_exists")
    assert Path("a.bin").read_bytes() == b"mine"
    assert get("get", "upload-1", "--force").status == 0
    assert Path("a.bin").read_bytes() == CONTENT


def test_wrong_content_is_neither_saved_nor_printed(get: Filectl, service: FakeService) -> None:
    service.stored_checksum = "0" * 16
    for arguments in ([], ["-o", "-"]):
        result = get("get", "upload-1", *arguments)
        assert (result.status, result.out) == (1, "")
        assert "has another checksum" in result.err
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["upload-1", "upload-2", "-o", "file"], "file isn't a folder, and these are 2 files."),
        (["upload-1", "-o", "missing/"], "There is no folder missing/."),
        (["upload-1", "-o", "-", "--json"], "the content is printed, so there is no JSON"),
        ([], "Missing argument 'ID…'"),
    ],
)
def test_wrong_arguments(get: Filectl, arguments: list[str], message: str) -> None:
    result = get("get", *arguments)
    assert result.status == 2
    assert message in result.err


def test_a_folder_that_does_not_exist_is_an_error_in_words(get: Filectl) -> None:
    result = get("get", "upload-1", "-o", "missing/file")
    assert result.status == 1
    assert "missing" in result.err
    assert "No such file or directory" in result.err


@pytest.mark.parametrize("status", ["failed", "rejected", "expired"])
def test_a_status_that_is_a_failure_is_told(get: Filectl, service: FakeService, status: str) -> None:
    Path("b").write_bytes(b"b")
    [stored] = get("upload", "b", "--json").json
    failure = {"code": "bad_content", "message": "It can't be read."} if status == "failed" else None
    service.faults.append(fail(reply(200, stored | {"status": status, "error": failure}), "GET", "/api/files/.*"))
    result = get("upload", "b", "--wait")
    reason = ": bad_content: It can't be read." if failure else ""
    assert (result.status, result.err) == (1, f"filectl: b: {status}{reason}\n")
    assert [line[1] for line in result.lines] == [status]


def test_a_file_that_is_not_processed_in_time_is_an_error(get: Filectl) -> None:
    Path("b").write_bytes(b"b")
    result = get("upload", "b", "--wait", "--timeout", "0")
    assert (result.status, result.out) == (1, "")
    assert "is still uploaded after 0 s" in result.err


def test_an_interrupted_download_continues(get: Filectl, service: FakeService) -> None:
    reached, ended = Event(), Event()

    def hold(request: Request) -> None:
        if request.method == "GET" and request.path.startswith("/s3/"):
            reached.set()
            ended.wait(20)

    service.faults.append(hold)
    Path(".upload-1.part").write_bytes(CONTENT[:700])
    process = start("get", "upload-1", "--url", service.url)
    assert reached.wait(20)
    process.send_signal(signal.SIGINT)
    result = finish(process)
    ended.set()
    assert (result.status, result.out) == (130, "")
    assert result.err == "filectl: Interrupted. Run the same command again to continue.\n"
    service.faults.clear()
    assert get("get", "upload-1").status == 0
    assert Path("a.bin").read_bytes() == CONTENT
    assert service.requests[-1].headers["range"] == "bytes=700-"
    assert [path.name for path in Path().iterdir()] == ["a.bin"]
