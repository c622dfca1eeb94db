"""`filectl upload` continues what was interrupted, against a fake service."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from filectl.errors import FileProblemError
from filectl.upload_states import UploadKey, UploadStates, begin_state
from tests.client.fake_messages import Reply, Request, error
from tests.client.fake_service import FakeService
from tests.client.faults import fail
from tests.filectl.command import Filectl, environment, finish, start

CONTENT = bytes(range(250)) * 2
"""Of ten parts."""


@pytest.fixture
def upload(filectl: Filectl, service: FakeService) -> Filectl:
    """The command with the URL of the fake service, and a large file."""
    filectl.url = service.url
    service.part_size = 50
    Path("large").write_bytes(CONTENT)
    return filectl


class Interruption:
    """Calls a function at the request for a part, which gets no response until the process has gone."""

    def __init__(self, part: int) -> None:
        self._part = str(part)
        self.reached = Event()
        self.ended = Event()

    def __call__(self, request: Request) -> Reply | None:
        if request.method == "PUT" and request.query.get("part") == self._part and not self.ended.is_set():
            self.reached.set()
            self.ended.wait(20)
        return None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_uploaded_parts_are_not_sent_again(upload: Filectl, service: FakeService, number: signal.Signals) -> None:
    held = Interruption(6)
    service.faults.append(held)
    process = start("--url", service.url, "upload", "large", "--parallel", "1")
    assert held.reached.wait(20)
    began = time.monotonic()
    process.send_signal(number)
    ended = finish(process)
    assert time.monotonic() - began < 1
    held.ended.set()
    assert ended.out == ""
    if number == signal.SIGKILL:
        assert ended.status == -signal.SIGKILL
    else:
        assert ended.status == 128 + number
        assert ended.err == "filectl: Interrupted. Run the same command again to continue.\n"
    [state] = upload.states()
    assert state.parent.stat().st_mode & 0o077 == 0

    result = upload("upload", "large")
    assert result.lines == [["upload-1", "uploaded", "500", "large"]]
    assert service.uploads["upload-1"].data == CONTENT
    assert service.sent_parts() == dict.fromkeys(range(1, 11), 1)  # the sixth had arrived
    assert service.count("POST", "/api/uploads") == 1
    assert upload.states() == []


def test_an_upload_whose_creation_was_interrupted_is_not_created_twice(
    upload: Filectl, service: FakeService
) -> None:
    arrived = Event()
    release = Event()

    def hold(request: Request) -> Reply | None:
        if request.path == "/api/uploads" and not arrived.is_set():
            arrived.set()
            release.wait(20)
        return None

    service.faults.append(hold)
    process = start("--url", service.url, "upload", "large")
    assert arrived.wait(20)
    process.kill()
    finish(process)
    release.set()
    assert upload("upload", "large").status == 0
    assert len(service.uploads) == 1


@pytest.mark.parametrize("reply", [error(404, "upload_not_found"), error(410, "upload_expired")])
def test_an_upload_that_the_service_has_given_up_begins_anew(
    upload: Filectl, service: FakeService, reply: Reply
) -> None:
    service.faults.append(fail(error(413, "file_too_large"), "POST", "/api/uploads/.*/complete"))
    assert upload("upload", "large").status == 1
    service.faults[:] = [fail(reply, "GET", "/api/uploads/upload-1", times=100)]
    assert upload("upload", "large").lines == [["upload-2", "uploaded", "500", "large"]]


def interrupt(upload: Filectl, service: FakeService) -> None:
    """Leave an unfinished upload of the large file."""
    service.faults.append(fail(error(413, "file_too_large"), "POST", "/api/uploads/.*/complete"))
    assert upload("upload", "large").status == 1
    service.faults.clear()


@pytest.mark.parametrize(
    "arguments", [["--metadata", "k=v"], ["--name", "other"], ["--type", "text/plain"], ["--no-resume"]]
)
def test_another_description_is_another_upload(
    upload: Filectl, service: FakeService, arguments: list[str]
) -> None:
    interrupt(upload, service)
    assert upload("upload", "large", *arguments).lines[0][0] == "upload-2"


def test_a_changed_file_is_another_upload(upload: Filectl, service: FakeService) -> None:
    interrupt(upload, service)
    Path("large").write_bytes(CONTENT[::-1])
    os.utime("large", ns=(1, 1))
    assert upload("upload", "large").lines[0][0] == "upload-2"
    assert service.uploads["upload-2"].data == CONTENT[::-1]


def test_an_unchanged_file_is_the_same_upload_from_another_folder(
    upload: Filectl, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(upload, service)
    path = Path("large").absolute()
    monkeypatch.chdir("/")
    assert upload("upload", str(path)).lines[0][0] == "upload-1"


def test_half_a_state_is_as_none(upload: Filectl, service: FakeService) -> None:
    interrupt(upload, service)
    for state in upload.states():
        state.write_text(state.read_text()[:40])
    assert upload("upload", "large").lines[0][0] == "upload-2"


def test_a_file_that_another_process_uploads_is_left_alone(upload: Filectl, service: FakeService) -> None:
    held = Interruption(2)
    service.faults.append(held)
    process = start("--url", service.url, "upload", "large", "--parallel", "1")
    assert held.reached.wait(20)
    second = upload("upload", "large")
    held.ended.set()
    assert (second.status, second.err) == (1, "filectl: large: Another filectl is uploading this file.\n")
    assert finish(process).lines == [["upload-1", "uploaded", "500", "large"]]
    assert len(service.uploads) == 1


def test_a_completed_command_is_not_continued(upload: Filectl) -> None:
    assert upload("upload", "large").lines[0][0] == "upload-1"
    assert upload("upload", "large").lines[0][0] == "upload-2"


def test_files_that_were_stored_before_a_crash_are_not_sent_again(upload: Filectl, service: FakeService) -> None:
    Path("d").mkdir()
    for name in ("a", "b"):
        Path("d", name).write_bytes(name.encode())
    Path("d/large").write_bytes(CONTENT)
    held = Interruption(3)
    service.faults.append(held)
    process = start("--url", service.url, "upload", "d", "--parallel", "1")
    assert held.reached.wait(20)
    process.send_signal(signal.SIGINT)
    ended = finish(process)
    held.ended.set()
    assert "Interrupted. 2 of 3 files are uploaded. Run" in ended.err
    assert upload("upload", "d").status == 0
    assert len(service.uploads) == 3
    assert upload.states() == []


def test_old_states_are_removed(tmp_path: Path) -> None:
    states = UploadStates(tmp_path / "states")
    for path in ("/old", "/new"):
        with states.hold(UploadKey("http://s", None, path, 1, 1, "n", None, {})) as stored:
            stored.save(begin_state())
    [old, new] = sorted((tmp_path / "states").glob("*.json"), key=lambda path: "/new" in path.read_text())
    os.utime(old, (time.time() - 9 * 24 * 3600,) * 2)
    states.remove_old()
    assert list((tmp_path / "states").glob("*.json")) == [new]


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    key = UploadKey("http://s", None, "/x", 1, 1, "n", None, {})
    code = f"""
import time
from pathlib import Path
from filectl.upload_states import UploadKey, UploadStates
with UploadStates(Path({str(tmp_path)!r})).hold({key!r}):
    print("held", flush=True)
    time.sleep(60)
"""
    holder = subprocess.Popen([sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(FileProblemError, match="Another filectl"), UploadStates(tmp_path).hold(key):
        pass
    holder.kill()
    holder.communicate()
    with UploadStates(tmp_path).hold(key) as stored:
        assert stored.load() is None
