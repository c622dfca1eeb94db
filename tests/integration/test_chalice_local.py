"""`chalice local` alone serves the routes against whatever DATABASE_URL and AWS_ENDPOINT_URL name."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from tests.acceptance.client import Client

ROOT = Path(__file__).parents[2]


@pytest.fixture
def chalice_local(database_url: str, ministack_url: str) -> Iterator[Client]:
    boto3.client("s3", endpoint_url=ministack_url).create_bucket(Bucket="for-chalice-local")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        "DATABASE_URL": database_url.replace("postgresql+psycopg2", "postgresql"),
        "AWS_ENDPOINT_URL": ministack_url,
        "BUCKET": "for-chalice-local",
        "PUBLIC_URL": url,
    }
    chalice = Path(sys.executable).parent / "chalice"
    process = subprocess.Popen(
        [chalice, "local", "--port", str(port), "--no-autoreload"],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    client = Client(url)
    try:
        _wait_for(client)
        yield client
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(client: Client) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            client.request("GET", "/api/files/")
        except requests.ConnectionError:
            time.sleep(0.1)
        else:
            return


def test_a_body_of_which_it_reads_less_is_refused(chalice_local: Client) -> None:
    """Its server reads what Content-Length says, and takes the end of the connection for the end of the body."""
    headers = {"Content-Type": "application/octet-stream"}
    parts = (part for part in (b"one ", b"two"))
    chunked = chalice_local.request("POST", "/api/upload?name=chunked.txt", data=parts, headers=headers)
    assert (chunked.status_code, chunked.json()["error"]) == (411, "length_required")
    address = urlsplit(chalice_local.base_url)
    with socket.create_connection((address.hostname or "", address.port or 80)) as connection:
        head = "POST /api/upload?name=a HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        connection.sendall(f"{head}Content-Length: 100\r\n\r\nonly this".encode())
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(30)
        with connection.makefile("rb") as answer:
            assert b" 400 " in answer.readline()
    assert chalice_local.files() == []


def test_its_routes_work(chalice_local: Client) -> None:
    file = chalice_local.upload("Grüße +1.txt", b"hello\n", "text/plain")
    assert chalice_local.files() == [file]
    assert file["status"] == "uploaded"  # nobody listens to S3's events here
    assert chalice_local.download(file).content == b"hello\n"
    assert chalice_local.rename(file["id"], "b.txt")["name"] == "b.txt"
    chalice_local.delete(file["id"])
    assert chalice_local.files() == []
    assert chalice_local.request("PUT", "/api/files").status_code == 405
