"""What the emulator keeps of this service's files, however it ends; and what else may put them there."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import localstack_client.session
import psutil
import requests

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import REPOSITORY, Emulator, start_emulator
from tests.samples import png

SCHEDULED = (Path(__file__).parents[1] / "events" / "scheduled.json").read_bytes()


def test_a_second_start_finds_all_files_again(tmp_path: Path) -> None:
    content = png()
    with start_emulator(tmp_path / "data") as first:
        client = Client(first.url)
        files = [client.upload(name, content)["id"] for name in ("😀" * 255, "a b+'\".png", "x")]
        for file_id in files:
            client.finished(file_id)
        assert first.stop() == 0
    with start_emulator(tmp_path / "data") as second:
        client = Client(second.url)
        assert second.aws_url == first.aws_url  # MiniStack finds its queues by their URLs
        assert [file["id"] for file in client.files(order="uploaded_at")] == files
        for file in client.files():
            assert file["status"] == "processed"
            assert client.download(file).content == content
        assert client.finished(client.upload("new", b"x")["id"])["status"] == "processed"


def upload_until_killed(emulator: Emulator, *, with_its_family: bool) -> list[str]:
    """Kill it while four clients upload, and return the ids of all uploads that were answered with 201."""
    uploaded: list[str] = []

    def upload() -> None:
        client = Client(emulator.url)
        with suppress(requests.RequestException, AssertionError):  # killed, in the middle of a request
            while True:
                uploaded.append(client.upload("f", b"x" * 1000)["id"])

    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(upload)
        while len(uploaded) < 50:
            time.sleep(0.01)
        family = emulator.family() if with_its_family else []
        emulator.process.kill()
        for process in family:
            with suppress(psutil.NoSuchProcess):  # it followed its parent
                process.kill()
    return uploaded


def test_killed_alone_it_forgets_nothing_and_goes_on(tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data") as first:
        uploaded = upload_until_killed(first, with_its_family=False)
    with start_emulator(tmp_path / "data") as second:
        client = Client(second.url)
        functions = boto3.client("lambda", endpoint_url=second.aws_url)
        end = time.monotonic() + 120  # a file that was just being processed waits for its lease to end
        while not all(client.file(file_id)["processed"] for file_id in uploaded):
            assert time.monotonic() < end
            functions.invoke(FunctionName="file-loader-dev-sweep", Payload=SCHEDULED)
            time.sleep(1)
        for file_id in uploaded:
            assert client.download(client.file(file_id)).content == b"x" * 1000


def test_killed_with_all_its_processes_it_forgets_nothing(tmp_path: Path) -> None:
    """MiniStack's queue is gone then: the sweep, which tests/integration looks at, finds these files."""
    with start_emulator(tmp_path / "data") as first:
        uploaded = upload_until_killed(first, with_its_family=True)
    with start_emulator(tmp_path / "data") as second:
        client = Client(second.url)
        for file_id in uploaded:
            file = client.file(file_id)
            assert file["status"] in {"uploaded", "processing", "processed"}
            assert client.download(file).content == b"x" * 1000


def test_the_bucket_takes_a_browsers_requests(service_emulator: Emulator) -> None:
    s3 = boto3.client("s3", endpoint_url=service_emulator.aws_url)
    [rule] = s3.get_bucket_cors(Bucket="file-loader")["CORSRules"]
    assert {"PUT", "POST"} <= set(rule["AllowedMethods"])
    assert {"ETag", "Location"} <= set(rule["ExposeHeaders"])


def test_an_object_of_another_tool_is_adopted(service_emulator: Emulator) -> None:
    """The other tool here is localstack-client, which speaks to any local AWS."""
    address = urlsplit(service_emulator.aws_url)
    session = localstack_client.session.Session(localstack_host=f"{address.hostname}:{address.port}")
    s3 = session.client("s3", endpoint_url=service_emulator.aws_url)
    s3.put_object(Bucket="file-loader", Key="uploads/from elsewhere/Grüße +1.txt", Body=b"hello\n")
    client = Client(service_emulator.url)
    end = time.monotonic() + 20
    while not (found := client.files(q="Grüße +1", status="processed")):
        assert time.monotonic() < end
        time.sleep(0.02)
    assert client.download(found[0]).content == b"hello\n"


def test_the_line_that_it_prints_works_when_pasted(tmp_path: Path) -> None:
    with start_emulator(tmp_path / "data") as emulator:
        line = f"echo hello | curl -sS -F 'file=@-;filename=hello.txt' {emulator.url}/api/upload/"
        pasted = subprocess.run(line, shell=True, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S602
        assert '"name":"hello.txt"' in pasted.stdout
    assert (
        "echo hello | curl -F 'file=@-;filename=hello.txt'" in (REPOSITORY / "emulator/emulation.py").read_text()
    )
