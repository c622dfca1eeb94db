"""The emulator keeps this service's files however it ends, and accepts objects from other tools."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import boto3
import localstack_client.session
import psutil
import pytest
import requests

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import REPOSITORY, Emulator, start_emulator
from tests.chaos.frequent_sweeps import frequent_sweeps
from tests.chaos.leases import end_leases
from tests.samples import png

CONTENT = b"x" * 1000


@pytest.mark.slow(10)
def test_second_start_keeps_all_files(tmp_path: Path) -> None:
    content = png()
    with start_emulator(tmp_path / "data") as first:
        client = Client(first.url)
        files = [client.upload_form(name, content).id for name in ("😀" * 255, "a b+'\".png", "x")]
        for file_id in files:
            client.wait_until_terminal(file_id)
        assert first.stop() == 0
    with start_emulator(tmp_path / "data") as second:
        client = Client(second.url)
        assert second.aws_url == first.aws_url  # MiniStack finds its queues by their URLs
        assert [file.id for file in client.files(order="uploaded_at")] == files
        for file in client.files():
            assert file.status == "processed"
            assert client.download(file).content == content
        assert client.wait_until_terminal(client.upload_form("new", b"x").id).status == "processed"


UPLOADS = 80


def upload_until_killed(emulator: Emulator, random: Random, *, with_descendants: bool) -> list[str]:
    """Kill it at a random moment of the uploads by four clients; return the ids of the accepted files."""
    uploaded: list[str] = []
    numbers = iter(range(UPLOADS))

    def upload() -> None:
        client = Client(emulator.url)
        with suppress(requests.RequestException, AssertionError):  # killed, in the middle of a request
            while next(numbers, None) is not None:
                uploaded.append(client.upload_form("f", CONTENT).id)

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(upload) for _ in range(4)]
        enough = random.randrange(1, UPLOADS * 9 // 10)
        while len(uploaded) < enough:
            assert not all(client.done() for client in clients)
            time.sleep(0.005)
        time.sleep(random.random() * 0.02)  # in any part of a request
        descendants = emulator.descendants() if with_descendants else []
        emulator.process.kill()
        for process in descendants:
            with suppress(psutil.NoSuchProcess):  # it followed its parent
                process.kill()
    return uploaded


@pytest.mark.slow(25)
def test_uploads_survive_kills_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other. If its descendants are killed too, MiniStack's queue is lost: the sweep finds these
    files."""
    monkeypatch.setenv("SWEEP_GRACE_SECONDS", "1")
    uploaded: list[str] = []
    last_ones: list[str] = []
    for seed, with_descendants in ((1, False), (2, True), (3, False), (4, True)):
        with start_emulator(tmp_path / "data") as emulator:
            check_files(emulator, last_ones)
            last_ones = upload_until_killed(emulator, Random(seed), with_descendants=with_descendants)
            uploaded += last_ones
    with start_emulator(tmp_path / "data") as last:
        check_files(last, uploaded)


def check_files(emulator: Emulator, file_ids: list[str]) -> None:
    """Check that all of these files get processed and have their content."""
    end_leases(emulator)  # else a file that was being processed would wait for a minute
    client = Client(emulator.url)
    with frequent_sweeps(emulator):
        for file_id in file_ids:
            file = client.wait_until_terminal(file_id, within=60)
            assert file.status == "processed"
            assert client.download(file).content == CONTENT


def test_bucket_allows_requests_of_browsers(service_emulator: Emulator) -> None:
    s3 = boto3.client("s3", endpoint_url=service_emulator.aws_url)
    rules = s3.get_bucket_cors(Bucket="file-loader")["CORSRules"]
    [rule] = [rule for rule in rules if {"PUT", "POST"} <= set(rule["AllowedMethods"])]
    assert {"ETag", "Location"} <= set(rule["ExposeHeaders"])
    port = urlsplit(service_emulator.url).port
    own_page = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
    assert own_page <= set(rule["AllowedOrigins"])


def test_object_of_another_tool_is_adopted(service_emulator: Emulator) -> None:
    """The other tool is localstack-client, which works with any local AWS."""
    address = urlsplit(service_emulator.aws_url)
    session = localstack_client.session.Session(localstack_host=f"{address.hostname}:{address.port}")
    s3 = session.client("s3", endpoint_url=service_emulator.aws_url)
    s3.put_object(Bucket="file-loader", Key="uploads/from elsewhere/Grüße +1.txt", Body=b"hello\n")
    client = Client(service_emulator.url)
    end = time.monotonic() + 20
    while not (files := client.files(q="Grüße +1", status="processed")):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert client.download(files[0]).content == b"hello\n"


def test_printed_curl_command_works(service_emulator: Emulator, tmp_path: Path) -> None:
    line = f"echo hello | curl -sS -F 'file=@-;filename=hello.txt' {service_emulator.url}/api/upload/"
    curl = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S602
    assert '"name":"hello.txt"' in curl.stdout
    assert "echo hello | curl -F 'file=@-;filename=hello.txt'" in (REPOSITORY / "emulator/run.py").read_text()
