"""`filectl upload` against a fake service."""

import io
import os
import sys
from pathlib import Path
from threading import Thread

import pytest

from tests.client.fake_messages import error
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl


@pytest.fixture
def upload(filectl: Filectl, service: FakeService) -> Filectl:
    """The command with the URL of the fake service."""
    filectl.url = service.url
    return filectl


def bodies(service: FakeService) -> dict[str, dict[str, object]]:
    """Return what each upload was created with, by its name."""
    return {upload.body["name"]: upload.body for upload in service.uploads.values()}


def test_a_file_is_uploaded_and_its_line_printed(upload: Filectl, service: FakeService) -> None:
    Path("a b.txt").write_bytes(b"hello")
    result = upload("upload", "a b.txt", "--type", "text/plain", "--metadata", "order=7", "--metadata", "note=a=b")
    assert (result.status, result.err) == (0, "")
    assert result.lines == [["upload-1", "uploaded", "5", "a b.txt"]]
    assert service.uploads["upload-1"].data == b"hello"
    body = bodies(service)["a b.txt"]
    assert (body["type"], body["metadata"]) == ("text/plain", {"order": "7", "note": "a=b"})
    assert upload.states() == []


def test_json_is_the_file_as_the_service_has_it(upload: Filectl) -> None:
    Path("a.txt").write_bytes(b"hello")
    result = upload("upload", "a.txt", "--name", "b.txt", "--json")
    assert [(file["id"], file["name"], file["size"]) for file in result.json] == [("upload-1", "b.txt", 5)]


def test_a_folder_is_uploaded_with_its_paths_as_metadata(upload: Filectl, service: FakeService) -> None:
    Path("d/e").mkdir(parents=True)
    Path("d/1").write_bytes(b"1")
    Path("d/e/large").write_bytes(b"x" * 120)
    Path("other").write_bytes(b"o")
    result = upload("upload", "d", "other", "d/1", "--metadata", "k=v")
    assert result.status == 0
    assert sorted(line[3] for line in result.lines) == ["d/1", "d/e/large", "other"]
    assert {name: body.get("metadata") for name, body in bodies(service).items()} == {
        "1": {"path": "d/1", "k": "v"},
        "large": {"path": "d/e/large", "k": "v"},
        "other": {"k": "v"},
    }
    assert service.sent_parts() == {1: 1, 2: 1, 3: 1}
    assert upload("upload", "d/e", "--no-path").status == 0
    assert not service.uploads["upload-4"].body.get("metadata")
    assert upload("upload", "d/e", "--metadata", "path=mine").status == 0
    assert service.uploads["upload-5"].body["metadata"] == {"path": "mine"}


def test_standard_input_is_uploaded_under_the_given_name(
    upload: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"from a pipe")))
    result = upload("upload", "-", "--name", "p.txt")
    assert result.lines == [["upload-1", "uploaded", "11", "standard input"]]
    assert service.uploads["upload-1"].data == b"from a pipe"


def test_a_named_pipe_is_uploaded(upload: Filectl, service: FakeService) -> None:
    os.mkfifo("fifo")
    writer = Thread(target=Path("fifo").write_bytes, args=[b"x" * 150], daemon=True)
    writer.start()
    assert upload("upload", "fifo", "--name", "f").status == 0
    writer.join(10)
    assert service.uploads["upload-1"].data == b"x" * 150


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing"], "There is no file missing."),
        (["-"], "standard input has no name: give --name."),
        (["-", "-", "--name", "n"], "Standard input can be read only once."),
        (["a", "b", "--name", "n"], "--name is for one file, and these are 2."),
        (["a", "--metadata", "colour"], "--metadata must be KEY=VALUE, not 'colour'."),
        (["a", "--metadata", "k=1", "--metadata", "k=2"], "--metadata has the key 'k' twice."),
        (["a", "--timeout", "3"], "--timeout needs --wait."),
        (["a", "--parallel", "0"], "Invalid value for '--parallel'"),
        (["a", "--wiat"], "No such option '--wiat'."),
        ([], "Missing argument 'FILE|DIR|-…'. See: filectl upload --help"),
    ],
)
def test_wrong_arguments_upload_nothing(
    upload: Filectl, service: FakeService, arguments: list[str], message: str
) -> None:
    for name in ("a", "b"):
        Path(name).write_bytes(b"")
    result = upload("upload", *arguments)
    assert (result.status, result.out) == (2, "")
    assert message in result.err
    assert service.requests == []


def test_a_refused_file_does_not_stop_the_others(upload: Filectl, service: FakeService) -> None:
    Path("d").mkdir()
    for name in "abc":
        Path("d", name).write_bytes(name.encode())
    service.faults.append(fail(error(413, "file_too_large"), "POST", "/api/uploads"))
    result = upload("upload", "d", "--parallel", "1")
    assert result.status == 1
    assert [line[3] for line in result.lines] == ["d/b", "d/c"]
    assert result.err.splitlines() == [
        "filectl: d/a: this is file_too_large (request r-1)",
        "filectl: 1 of 3 files aren't uploaded. The same command uploads only these.",
    ]
    assert len(upload.states()) == 3
    again = upload("upload", "d", "--json")
    assert again.status == 0
    assert sorted(file["name"] for file in again.json) == ["a", "b", "c"]
    assert service.count("POST", "/api/uploads") == 4
    assert upload.states() == []


def test_a_service_that_fails_ends_the_command(upload: Filectl, service: FakeService) -> None:
    Path("d").mkdir()
    for number in range(10):
        Path("d", str(number)).write_bytes(b"x")
    service.faults.append(fail(error(503, "database_unavailable"), "POST", "/api/uploads", times=1000))
    result = upload("upload", "d", "--parallel", "1")
    assert (result.status, result.out) == (4, "")
    assert result.err.splitlines() == [
        "filectl: d/0: this is database_unavailable (request r-1)",
        "filectl: 10 of 10 files aren't uploaded. The same command uploads only these.",
    ]


def test_errors_are_json_too(upload: Filectl, service: FakeService) -> None:
    Path("a").write_bytes(b"x")
    service.faults.append(fail(error(422, "invalid_field"), "POST", "/api/uploads"))
    result = upload("upload", "a", "--json")
    assert (result.status, result.out) == (1, "")
    assert result.json_errors == [
        {
            "error": "invalid_field",
            "message": "this is invalid_field",
            "requestId": "r-1",
            "exitStatus": 1,
            "file": "a",
        }
    ]
    assert upload("--json", "upload", "a", "--type").json_errors[0]["error"] == "usage"


def test_other_bytes_than_sent_are_an_error(upload: Filectl, service: FakeService) -> None:
    Path("a").write_bytes(b"x")
    service.stored_checksum = "0" * 16
    result = upload("upload", "a")
    assert (result.status, result.out) == (1, "")
    assert "0000000000000000 is stored" in result.err


def test_a_file_that_cannot_be_read_is_an_error_of_this_file(upload: Filectl) -> None:
    Path("d").mkdir()
    Path("d/broken").symlink_to("nowhere")
    Path("d/x").write_bytes(b"x")
    result = upload("upload", "d")
    assert result.status == 1
    assert [line[3] for line in result.lines] == ["d/x"]
    assert result.err == "filectl: d/broken: No such file or directory\n"


def test_a_name_cannot_change_the_terminal(upload: Filectl) -> None:
    Path("a\x1b[2J\u202e").write_bytes(b"x")
    result = upload("upload", "a\x1b[2J\u202e")
    assert result.lines == [["upload-1", "uploaded", "1", "a\\x1b[2J\\u202e"]]
    refused = upload("upload", "--name", "n", "a\x1b[2J\u202e", "b\x1b[2J")
    assert refused.err == "filectl: There is no file b\\x1b[2J.\n"
