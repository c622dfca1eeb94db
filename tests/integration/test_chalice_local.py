"""`chalice local` serves the routes with the servers that DATABASE_URL and AWS_ENDPOINT_URL name."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGTERM
from urllib.parse import urlsplit

import boto3
import pytest
import requests

from emulator.orphans import end_with_this_process
from emulator.termination import RunningServer
from tests.acceptance.client import Client
from tests.conftest import empty_database

ROOT = Path(__file__).parents[2]
RAW = "application/octet-stream"
UUID = "01930000-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def database(postgres_url: str, template_database: str) -> Iterator[str]:
    with empty_database(postgres_url, template_database) as url:
        yield url


@pytest.fixture(scope="module")
def chalice_local(database: str, ministack_url: str) -> Iterator[Client]:
    """Serve on a free port, without PUBLIC_URL. All tests of this module share it; they leave no files."""
    boto3.client("s3", endpoint_url=ministack_url).create_bucket(Bucket="for-chalice-local")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        "DATABASE_URL": database.replace("postgresql+psycopg2", "postgresql"),
        "AWS_ENDPOINT_URL": ministack_url,
        "BUCKET": "for-chalice-local",
        "CORS_ORIGINS": "https://app.example",
    }
    chalice = Path(sys.executable).parent / "chalice"
    process = subprocess.Popen(
        [chalice, "local", "--port", str(port), "--no-autoreload"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "PUBLIC_URL"} | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end_with_this_process(RunningServer.describe(process.pid, SIGTERM))
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


@pytest.mark.parametrize("option", ["--autoreload", "--no-autoreload"])
def test_invalid_setting_ends_it_with_one_line(option: str) -> None:
    chalice = Path(sys.executable).parent / "chalice"
    ended = subprocess.run(
        [chalice, "local", "--port", "0", option],
        cwd=ROOT,
        env=os.environ | {"MAX_UPLOAD_BYTES": "many"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.stderr == "error: MAX_UPLOAD_BYTES must be a positive integer, got 'many'\n"
    assert ended.stdout == ""


def test_address_that_others_reach_needs_authentication() -> None:
    chalice = Path(sys.executable).parent / "chalice"
    ended = subprocess.run(
        [chalice, "local", "--host", "0.0.0.0", "--port", "0"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    reason = "with BIND_ADDRESS=0.0.0.0 other machines reach the service: set AUTH=required too"
    assert (ended.stderr, ended.stdout) == (f"error: {reason}\n", "")


CHUNKED = ("Transfer-Encoding: chunked",)
SMUGGLED = (
    b"POST /api/upload?name=smuggled HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n\r\n"
)
IN_A_CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)
AFTER_A_CHUNK_SIZE = b"3\r\n" + SMUGGLED


@pytest.mark.parametrize(
    ("request_line", "content_type", "headers", "body", "status"),
    [
        pytest.param("POST /api/upload?name=a", RAW, CHUNKED, IN_A_CHUNK, 411, id="chunked"),
        pytest.param(f"PATCH /api/files/{UUID}", "application/json", CHUNKED, IN_A_CHUNK, 411, id="chunked PATCH"),
        pytest.param("POST /api/upload?name=a", "text/plain", CHUNKED, IN_A_CHUNK, 415, id="chunked, wrong type"),
        pytest.param("PUT /api/files", RAW, CHUNKED, IN_A_CHUNK, 405, id="chunked, wrong method"),
        pytest.param("GET /api/files", "application/json", CHUNKED, IN_A_CHUNK, 200, id="chunked, for nothing"),
        pytest.param(
            "POST /api/upload?name=a",
            RAW,
            (*CHUNKED, "Content-Length: 3"),
            AFTER_A_CHUNK_SIZE,
            400,
            id="chunked and of a length",
        ),
        pytest.param("POST /api/upload?name=a", RAW, ("Content-Length: -1",), SMUGGLED, 400, id="of no length"),
    ],
)
def test_an_unread_body_is_not_parsed_as_the_next_request(
    chalice_local: Client, request_line: str, content_type: str, headers: tuple[str, ...], body: bytes, status: int
) -> None:
    """Its server reads as many bytes as Content-Length says, and would parse the rest as another request."""
    head, _, rest = _send(chalice_local, request_line, content_type, headers, body).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0].startswith(f"HTTP/1.1 {status} ")
    assert "Connection: close" in lines
    assert f"Content-Length: {len(rest)}" in lines, rest  # and no second response after it
    assert chalice_local.files() == []


@pytest.mark.parametrize("headers", [(), ("Content-Encoding: br",), ("Content-Encoding: gzip",)])
def test_a_truncated_body_is_rejected(chalice_local: Client, headers: tuple[str, ...]) -> None:
    """Its server ends the body where the connection ends."""
    headers = ("Content-Length: 100", *headers)
    response = _send(chalice_local, "POST /api/upload?name=a", RAW, headers, b"only this", end=True)
    assert response.startswith(b"HTTP/1.1 400 ")
    assert chalice_local.files() == []


def _send(
    client: Client,
    request_line: str,
    content_type: str,
    headers: tuple[str, ...],
    body: bytes,
    *,
    end: bool = False,
) -> bytes:
    """Send a request on a keep-alive connection, and return everything up to the connection's end."""
    head = "\r\n".join([f"{request_line} HTTP/1.1", "Host: 127.0.0.1", f"Content-Type: {content_type}", *headers])
    address = urlsplit(client.base_url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode() + body)
        if end:
            connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as response:
            return response.read()


def test_urls_in_responses_have_the_port_of_the_request(chalice_local: Client) -> None:
    """Not 8000, the default: without PUBLIC_URL, a loopback Host header is the base."""
    response = chalice_local.request("POST", "/api/upload?name=a", data=b"x", headers={"Content-Type": RAW})
    file = response.json()
    assert file["file"] == f"{chalice_local.base_url}/api/files/{file['id']}/content"
    assert response.headers["Location"] == f"{chalice_local.base_url}/api/files/{file['id']}"
    other = chalice_local.request("GET", f"/api/files/{file['id']}", headers={"Host": "evil.example"})
    assert other.status_code == 421
    chalice_local.delete(file["id"])


def test_head_options_and_a_web_page_get_responses_on_one_connection(chalice_local: Client) -> None:
    """Its server adds `Content-Length: 0` to HEAD and 204, too: nothing in the app can change that."""
    head = chalice_local.request("HEAD", "/api/files")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (200, b"", "0")
    assert chalice_local.request("GET", "/api/files").json() == []
    origin = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    response = chalice_local.request("OPTIONS", "/api/files", headers=origin)
    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert response.headers["Access-Control-Allow-Origin"] == "https://app.example"
    other = chalice_local.request("GET", "/api/files", headers={"Origin": "https://evil.example"})
    assert (other.status_code, "Access-Control-Allow-Origin" in other.headers) == (200, False)


def test_routes_upload_list_download_rename_and_delete(chalice_local: Client) -> None:
    file = chalice_local.upload_form("Grüße +1.txt", b"hello\n", "text/plain")
    assert chalice_local.files() == [file]
    assert file.status == "uploaded"  # nothing handles S3's events here
    assert chalice_local.download(file).content == b"hello\n"
    assert chalice_local.rename(file.id, "b.txt").name == "b.txt"
    chalice_local.delete(file.id)
    assert chalice_local.files() == []
    assert chalice_local.request("PUT", "/api/files").status_code == 405
