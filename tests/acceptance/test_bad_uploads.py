"""What is wrong with an upload to S3 gets the right 4xx, from the service or S3, and leaves nothing behind."""

import base64
import socket
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config

from emulator.environment import CREDENTIALS
from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator

UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"
BUCKET = "file-loader"
CONTENT = b"hello\n"
IN_PARTS = 64 * 1024**2 + 1
"""Bytes of a file of five parts, the last of which has one byte."""
LAST_PART = 5
Json = dict[str, Any]


@pytest.fixture
def s3(service_emulator: Emulator) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=service_emulator.aws_url,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=CREDENTIALS["AWS_DEFAULT_REGION"],
        config=Config(s3={"addressing_style": "path"}),
    )


@pytest.fixture
def create(client: Client) -> Iterator[Callable[..., Json]]:
    """A function that creates an upload, which is deleted after the test."""
    ids: list[str] = []

    def create_upload(size: int = len(CONTENT), **fields: Any) -> Json:
        response = client.request(
            "POST", "/api/uploads", json={"name": "a.txt", "size": size, "type": "text/plain", **fields}
        )
        assert response.status_code == 201, response.text
        created: Json = response.json()
        ids.append(created["id"])
        return created

    yield create_upload
    for file_id in ids:
        client.request("DELETE", f"/api/files/{file_id}")


def stored(s3: Any, upload: Json) -> tuple[list[str], list[str]]:
    """Return the keys of the upload's objects, and the ids of its open multipart uploads."""
    prefix = f"uploads/{upload['id']}/"
    objects = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    uploads = s3.list_multipart_uploads(Bucket=BUCKET, Prefix=prefix).get("Uploads", [])
    return [each["Key"] for each in objects], [each["UploadId"] for each in uploads]


def rejected(client: Client, status: int, code: str, path: str, method: str = "POST", **options: Any) -> str:
    response = client.request(method, path, **options)
    assert (response.status_code, response.json()["error"]) == (status, code), response.text
    return str(response.json()["message"])


class TestCreate:
    @pytest.mark.parametrize(
        ("change", "status", "code"),
        [
            ({"size": -1}, 422, "invalid_field"),
            ({"size": "6"}, 422, "invalid_field"),
            ({"size": 1.5}, 422, "invalid_field"),
            ({"size": None}, 422, "invalid_field"),
            ({"size": True}, 422, "invalid_field"),
            ({"size": 10_000 * 5 * 1024**3 + 1}, 413, "file_too_large"),
            ({"size": 10**30}, 413, "file_too_large"),
            ({"name": ""}, 400, "invalid_name"),
            ({"name": "a\nb"}, 400, "invalid_name"),
            ({"name": "a" * 256}, 400, "invalid_name"),
            ({"name": 7}, 422, "invalid_field"),
            ({"type": "text"}, 422, "invalid_field"),
            ({"type": "text/plain\r\nx: y"}, 422, "invalid_field"),
            ({"checksum": "abc"}, 422, "invalid_field"),
            ({"checksum": {"algorithm": "md5", "value": "0" * 32}}, 422, "invalid_field"),
            ({"checksum": {"algorithm": "sha256", "value": "0" * 16}}, 422, "invalid_field"),
            ({"checksum": {"algorithm": "sha256", "value": "g" * 64}}, 422, "invalid_field"),
            ({"checksum": {"algorithm": "crc64nvme", "value": "0" * 64}}, 422, "invalid_field"),
            ({"metadata": {"order": 7}}, 422, "invalid_field"),
            ({"metadata": ["order"]}, 422, "invalid_field"),
            ({"metadata": {f"key{number}": "" for number in range(21)}}, 422, "invalid_metadata"),
            ({"metadata": {"order": "x" * 501}}, 422, "invalid_metadata"),
            ({"metadata": {"a b": ""}}, 422, "invalid_metadata"),
            ({"metadata": {"order": "\0"}}, 422, "invalid_metadata"),
            ({"sise": 6}, 422, "invalid_field"),
        ],
    )
    def test_invalid_body(self, client: Client, change: Json, status: int, code: str) -> None:
        before = [file.id for file in client.files(page_size=1000)]
        rejected(client, status, code, "/api/uploads", json={"name": "a.txt", "size": 6} | change)
        assert [file.id for file in client.files(page_size=1000)] == before

    @pytest.mark.parametrize("missing", ["name", "size"])
    def test_missing_field(self, client: Client, missing: str) -> None:
        body = {name: value for name, value in {"name": "a", "size": 1}.items() if name != missing}
        assert missing in rejected(client, 422, "invalid_field", "/api/uploads", json=body)

    @pytest.mark.parametrize("key", ["", "a b", "é".encode(), "k" * 256])
    def test_invalid_idempotency_key(self, client: Client, key: str | bytes) -> None:
        headers = {"Idempotency-Key": key}
        body = {"name": "a", "size": 1}
        rejected(client, 400, "invalid_parameter", "/api/uploads", json=body, headers=headers)

    def test_an_empty_file_is_valid(self, client: Client, create: Callable[..., Json]) -> None:
        upload = create(0)
        assert requests.put(upload["upload"]["url"], b"", headers=upload["upload"]["headers"], timeout=30).ok
        file = client.wait_until_terminal(upload["id"])
        assert (file.status, file.size) == ("processed", 0)


class TestPut:
    def put(self, upload: Json, body: bytes, url: str = "", **headers: str) -> int:
        request = upload["upload"]
        sent = {name: value for name, value in (request["headers"] | headers).items() if value}
        return requests.put(url or request["url"], body, headers=sent, timeout=30).status_code

    def test_only_the_announced_bytes_are_stored_and_only_once(
        self, client: Client, create: Callable[..., Json], s3: Any
    ) -> None:
        upload = create(checksum={"algorithm": "sha256", "value": sha256(CONTENT).hexdigest()})
        other = base64.b64encode(sha256(b"other").digest()).decode()
        url = upload["upload"]["url"]
        statuses = {
            "longer": self.put(upload, CONTENT + b"!"),
            "shorter": self.put(upload, CONTENT[:-1]),
            "other bytes": self.put(upload, b"HELLO\n"),
            "another type": self.put(upload, CONTENT, **{"Content-Type": "text/html"}),
            "another checksum": self.put(upload, CONTENT, **{"x-amz-checksum-sha256": other}),
            "no condition": self.put(upload, CONTENT, **{"If-None-Match": ""}),
            "altered signature": self.put(upload, CONTENT, url=url[:-4] + "0000"),
            "altered key": self.put(upload, CONTENT, url=url.replace("a.txt", "b.txt")),
            "altered time": self.put(upload, CONTENT, url=url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")),
        }
        assert statuses == {**dict.fromkeys(statuses, 403), "other bytes": 400}
        assert stored(s3, upload) == ([], [])
        assert client.file(upload["id"]).status == "awaiting_upload"
        assert self.put(upload, CONTENT) == 200
        assert self.put(upload, CONTENT) == 412
        assert client.wait_until_terminal(upload["id"]).status == "processed"

    def test_a_file_that_is_deleted_first_leaves_no_object(
        self, client: Client, create: Callable[..., Json], s3: Any
    ) -> None:
        upload = create()
        client.delete(upload["id"])
        assert self.put(upload, CONTENT) == 200  # S3 doesn't know of the deletion
        end = time.monotonic() + 30
        while stored(s3, upload)[0] and time.monotonic() < end:
            time.sleep(0.05)
        assert stored(s3, upload) == ([], [])
        rejected(client, 404, "not_found", f"/api/uploads/{upload['id']}/complete")


class TestParts:
    @pytest.mark.parametrize(
        "numbers", [[0], [6], [10_001], [-1], [1, 1], [], ["1"], [1.5], None, list(range(1, 102))]
    )
    def test_invalid_numbers(self, client: Client, create: Callable[..., Json], numbers: Any) -> None:
        path = f"/api/uploads/{create(IN_PARTS)['id']}/parts"
        response = client.request("POST", path, json={"numbers": numbers})
        assert response.status_code == 422, response.text

    def test_a_part_has_exactly_its_length(self, create: Callable[..., Json]) -> None:
        last = create(IN_PARTS)["parts"][-1]
        assert requests.put(last["url"], b"ab", timeout=30).status_code == 403
        assert requests.put(last["url"], b"", timeout=30).status_code == 403
        other_number = last["url"].replace("partNumber=5", "partNumber=6")
        assert requests.put(other_number, b"a", timeout=30).status_code == 403
        assert requests.put(last["url"], b"a", timeout=30).status_code == 200

    def test_unknown_upload(self, client: Client) -> None:
        path = f"/api/uploads/{UNKNOWN_ID}"
        rejected(client, 404, "not_found", path, "GET")
        rejected(client, 404, "not_found", path, "DELETE")
        rejected(client, 404, "not_found", f"{path}/complete")
        rejected(client, 404, "not_found", f"{path}/parts", json={"numbers": [1]})
        rejected(client, 400, "malformed_id", "/api/uploads/7", "GET")


class TestComplete:
    @pytest.mark.parametrize(
        "parts",
        [
            [],
            [{"number": 5, "etag": "x"}],
            [{"number": number, "etag": "0" * 32} for number in range(1, 6)],
            [{"number": number, "etag": "0" * 32} for number in range(5, 0, -1)],
            [{"number": 1, "etag": "0" * 32}] * 5,
            [{"number": number, "etag": "0" * 32} for number in range(1, 7)],
        ],
        ids=["none", "missing", "wrong etags", "out of order", "repeated", "too many"],
    )
    def test_parts_that_are_not_the_file(
        self, client: Client, create: Callable[..., Json], s3: Any, parts: list[Json]
    ) -> None:
        upload = create(IN_PARTS)
        path = f"/api/uploads/{upload['id']}/complete"
        rejected(client, 409, "upload_incomplete", path, json={"parts": parts})
        assert client.file(upload["id"]).status == "awaiting_upload"
        assert len(stored(s3, upload)[1]) == 1

    @pytest.mark.parametrize("number", [0, 10_001, "1", None])
    def test_invalid_number(self, client: Client, number: Any) -> None:
        body = {"parts": [{"number": number, "etag": "x"}]}
        rejected(client, 422, "invalid_field", f"/api/uploads/{UNKNOWN_ID}/complete", json=body)

    def test_before_the_bytes_came(self, client: Client, create: Callable[..., Json]) -> None:
        rejected(client, 409, "upload_incomplete", f"/api/uploads/{create()['id']}/complete")
        message = rejected(client, 409, "upload_incomplete", f"/api/uploads/{create(IN_PARTS)['id']}/complete")
        assert "5 of 5 parts missing, the first is part 1" in message


class TestAbort:
    def test_nothing_is_left(self, client: Client, create: Callable[..., Json], s3: Any) -> None:
        upload = create(IN_PARTS)
        path = f"/api/uploads/{upload['id']}"
        last = upload["parts"][-1]
        assert requests.put(last["url"], b"a", timeout=30).ok
        assert client.request("DELETE", path).status_code == 204
        assert stored(s3, upload) == ([], [])
        assert requests.put(last["url"], b"a", timeout=30).status_code == 404
        rejected(client, 404, "not_found", f"{path}/complete")
        rejected(client, 404, "not_found", path, "DELETE")

    def test_deleting_the_file_aborts_too(self, client: Client, create: Callable[..., Json], s3: Any) -> None:
        upload = create(IN_PARTS)
        client.delete(upload["id"])
        assert stored(s3, upload) == ([], [])

    def test_while_a_part_is_on_its_way(self, client: Client, create: Callable[..., Json], s3: Any) -> None:
        upload = create(IN_PARTS)
        first = urlsplit(upload["parts"][0]["url"])
        with socket.create_connection((first.hostname, first.port), timeout=30) as connection:
            head = f"PUT {first.path}?{first.query} HTTP/1.1\r\nHost: {first.netloc}\r\n"
            size = upload["part_size"]
            connection.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode() + bytes(size // 2))
            rejected(client, 409, "upload_incomplete", f"/api/uploads/{upload['id']}/complete")
            assert client.request("DELETE", f"/api/uploads/{upload['id']}").status_code == 204
            connection.sendall(bytes(size - size // 2))
            assert b" 404 " in connection.recv(100)
        assert stored(s3, upload) == ([], [])

    def test_a_finished_upload_is_not_aborted(self, client: Client, create: Callable[..., Json]) -> None:
        upload = create()
        assert requests.put(upload["upload"]["url"], CONTENT, headers=upload["upload"]["headers"], timeout=30).ok
        client.wait_until_terminal(upload["id"])
        rejected(client, 409, "upload_finished", f"/api/uploads/{upload['id']}", "DELETE")
        assert client.file(upload["id"]).status == "processed"
