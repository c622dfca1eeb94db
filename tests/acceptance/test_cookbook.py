"""The Python examples of docs/how-to/upload-files.md. Its console examples are run with those of all pages."""

import time
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from emulator.environment import CREDENTIALS
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.pages.addresses import replace_addresses
from tests.pages.console_commands import PROJECT, code_blocks, page_name

PAGE = PROJECT / "docs/how-to/upload-files.md"
URLS = ("http://127.0.0.1:8000", "http://127.0.0.1:4566")
PYTHON_BLOCKS = [block for block in code_blocks(PAGE.read_text()) if block.language == "python"]
BUCKET = "file-loader"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


def wait_for_file(client: Client, **filters: Any) -> str:
    """Return the id of the newest file that matches, when it is there."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if files := client.files(**filters):
            return str(client.wait_until_terminal(files[0].id).id)
        time.sleep(0.05)
    raise AssertionError(f"no file matches {filters}")


@pytest.mark.parametrize("block", PYTHON_BLOCKS, ids=lambda block: f"line {block.line}")
def test_python_examples(
    block: Any, client: Client, service_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("film.mp4").write_bytes(b"x" * 9_000_000)  # boto3 sends more than 8 MiB in parts
    addresses = dict(zip(URLS, (service_emulator.url, service_emulator.aws_url), strict=True))
    code = replace_addresses(block.text, addresses)
    exec(compile(code, page_name(PAGE), "exec"), {})  # noqa: S102
    client.delete(wait_for_file(client, q="film.mp4"))


def test_boto3_and_presigned_urls_send_parts_of_one_upload(client: Client, service_emulator: Emulator) -> None:
    """The URLs are those of any S3 multipart upload, which other tools can see and continue."""
    s3 = boto3.client("s3", endpoint_url=service_emulator.aws_url)
    announced = {"name": "film.mp4", "size": 64 * 1024**2 + 1}
    upload = client.request("POST", "/api/uploads", json=announced).json()
    [multipart] = s3.list_multipart_uploads(Bucket=BUCKET, Prefix=f"uploads/{upload['id']}/")["Uploads"]
    key, upload_id = multipart["Key"], multipart["UploadId"]
    parts = []
    for part in upload["parts"]:
        body = bytes(part["size"])
        if part["number"] % 2:
            etag = requests.put(part["url"], body, timeout=60).headers["ETag"]
        else:
            sent = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload_id, PartNumber=part["number"], Body=body)
            etag = sent["ETag"]
        parts.append({"number": part["number"], "etag": etag})
    completed = client.request("POST", f"/api/uploads/{upload['id']}/complete", json={"parts": parts})
    assert completed.status_code == 200, completed.text
    file = client.wait_until_terminal(upload["id"])
    assert (file.status, file.size) == ("processed", announced["size"])
    client.delete(upload["id"])
