"""A full disk: uploads are refused, what was accepted is kept, and nothing has to be restarted."""

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests

from emulator.postgres_wal import BEGIN_SEGMENT, SEGMENTS
from file_loader_client import Upload
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator, launch, start_emulator
from tests.small_disk import MIB, small_disk

CONTENT = b"x" * MIB


def upload(client: Client) -> tuple[int, str | None]:
    """Upload a file and return the status and the error code."""
    response = client.request("POST", "/api/upload/", files={"file": ("f", CONTENT)})
    return response.status_code, response.json().get("error")


def put_last_part(upload: Upload) -> int:
    """Send the last part of an upload to S3, and return the status."""
    assert upload.parts is not None
    part = upload.parts[-1]
    return requests.put(part.url, bytes(part.size), timeout=60).status_code


def health(client: Client) -> tuple[int, dict[str, Any]]:
    response = client.request("GET", "/api/health")
    return response.status_code, response.json()


REFUSED = (507, "insufficient_storage")


@pytest.mark.slow(10)
def test_uploads_to_a_full_disk_are_refused_and_no_file_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporary files are on it, too."""
    with small_disk(tmp_path / "disk", "size=300m") as disk:
        data = tmp_path / "disk" / "data"
        name = "x" * 100  # too long for PostgreSQL's socket: this process could not reach it there
        (disk.outside / name).mkdir()
        monkeypatch.setenv("TMPDIR", str(tmp_path / "disk" / name))
        with start_emulator(data, disk=disk) as emulator:
            client = Client(emulator.url)
            wait_until(lambda: has_reserved_log(disk.outside / "data"))
            large = client.api.create_upload("large", 65 * MIB)
            disk.fill(leave=70 * MIB)
            responses = [upload(client) for _ in range(10)]
            assert responses == sorted(responses)
            assert responses[0] == (201, None)
            assert responses[-1] == REFUSED
            status, components = health(client)
            assert (status, components["storage"], components["database"]) == (503, "full", "ok")
            files = [file for file in client.files() if file.id != large.id]
            assert len(files) == responses.count((201, None))
            for file in files:  # else its worker could not store the result, and its lease would expire
                client.wait_until_terminal(file.id)
            disk.fill()
            assert [upload(client) for _ in range(20)] == [REFUSED] * 20
            assert put_last_part(large) == 507
            write_log(emulator, SEGMENTS - 1)
            assert upload(client) == REFUSED
            disk.empty()
            assert upload(client) == (201, None)
            assert put_last_part(large) == 200
            assert health(client)[0] == 200
            accepted = [file.id for file in client.files() if file.status != "awaiting_upload"]
            for file_id in accepted:
                client.wait_until_terminal(file_id)
            emulator.kill_all()
        assert len(accepted) == responses.count((201, None)) + 1
        with start_emulator(data, disk=disk) as emulator:
            client = Client(emulator.url)
            for file_id in accepted:
                file = client.file(file_id)
                assert file.status == "processed"
                assert client.download(file).content == CONTENT


@pytest.mark.slow(6)
def test_postgresql_that_has_ended_on_a_full_disk_starts_again(tmp_path: Path) -> None:
    data = tmp_path / "disk" / "data"
    with small_disk(tmp_path / "disk", "size=300m") as disk, start_emulator(data, disk=disk) as emulator:
        client = Client(emulator.url)
        accepted = [client.upload_form("f", CONTENT).id for _ in range(3)]
        for file_id in accepted:
            client.wait_until_terminal(file_id)
        wait_until(lambda: has_reserved_log(disk.outside / "data"))
        disk.fill()
        [server] = [child for child, command in emulator.command_lines().items() if command[1:2] == ["-D"]]
        server.kill()
        next_line_with("PostgreSQL has ended because its disk is full", emulator)
        assert upload(client) == (503, "database_unavailable")
        status, components = health(client)
        assert (status, components["storage"], components["database"]) == (503, "full", "unavailable")
        disk.empty()
        next_line_with("PostgreSQL is started again", emulator)
        wait_until(lambda: health(client)[0] == 200)
        assert upload(client) == (201, None)
        assert {file.id for file in client.files(status="processed")} >= set(accepted)


@pytest.mark.slow(3)
def test_an_emulator_does_not_start_without_space(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "size=100m") as disk:
        process = launch(tmp_path / "disk" / "data", disk=disk)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    [line] = output.splitlines()
    assert line.startswith(
        f"error: the disk of {tmp_path / 'disk' / 'data'} has 99 MB left, and 192 MB are needed;"
    )
    with small_disk(tmp_path / "disk", "size=4m") as disk:
        disk.fill()
        process = launch(tmp_path / "disk" / "data", disk=disk)
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    [line] = output.splitlines()
    assert "No space left on device" in line


def write_log(emulator: Emulator, segments: int) -> None:
    """Write so many files of PostgreSQL's log."""
    with closing(psycopg2.connect(emulator.database_url())) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        for _ in range(segments):
            cursor.execute(BEGIN_SEGMENT)


def has_reserved_log(data: Path) -> bool:
    """Return whether a new PostgreSQL's log has all its files: then the first one is used again."""
    return not (data / "postgres" / "pg_wal" / f"00000001{1:016X}").exists()


def next_line_with(text: str, emulator: Emulator) -> None:
    while text not in (line := emulator.line()):
        assert line, "the emulator has ended"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)
