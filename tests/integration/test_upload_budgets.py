"""Exact costs of presigned and multipart uploads: statements and S3 requests."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from chalicelib import container
from tests.integration.conftest import Service
from tests.integration.costs import Costs

MIB = 1024**2


@dataclass
class Uploads:
    """Calls the routes of uploads, and sends bytes to the local S3."""

    service: Service

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of a response, None where it has no body."""
        sent = {"Content-Type": "application/json", **headers} if body is not None else headers
        content = json.dumps(body).encode() if body is not None else b""
        response = self.service.http.request(method, f"/api/uploads{path}", headers=sent, body=content)
        return response.status_code, json.loads(response.body) if response.body else None

    def create(self, size: int, **headers: str) -> dict[str, Any]:
        status, upload = self.call("POST", "", {"name": "a.txt", "size": size}, **headers)
        assert status == 201, upload
        created: dict[str, Any] = upload
        return created

    def send(self, url: str, body: bytes, **headers: str) -> str:
        response = requests.put(url, data=body, headers=headers, timeout=30)
        assert response.status_code == 200, response.text
        return response.headers["ETag"]

    def send_parts(self, upload: dict[str, Any]) -> list[dict[str, Any]]:
        """Send all parts, and return what `complete` needs of them."""
        return [
            {"number": part["number"], "etag": self.send(part["url"], b"line\n" * (part["size"] // 5))}
            for part in upload["parts"]
        ]


@pytest.fixture
def uploads(service: Service, monkeypatch: pytest.MonkeyPatch) -> Uploads:
    monkeypatch.setenv("MULTIPART_THRESHOLD_BYTES", "1000")
    container.reset()
    return Uploads(service)


SINGLE, IN_PARTS = 5, 5000


def test_creating_an_upload_is_one_statement(uploads: Uploads, costs: Costs) -> None:
    uploads.create(SINGLE)
    assert costs.take() == (1, 0)
    uploads.create(SINGLE, **{"Idempotency-Key": "single"})
    uploads.create(SINGLE, **{"Idempotency-Key": "single"})
    assert costs.take() == (2, 0)
    uploads.create(IN_PARTS)
    assert costs.take() == (1, 1)
    uploads.create(150 * 16 * MIB)  # more parts than a response has URLs of
    assert costs.take() == (1, 1)


def test_creating_an_upload_in_parts_again_aborts_the_second_one(uploads: Uploads, costs: Costs) -> None:
    first = uploads.create(IN_PARTS, **{"Idempotency-Key": "in-parts"})
    costs.take()
    assert uploads.create(IN_PARTS, **{"Idempotency-Key": "in-parts"})["id"] == first["id"]
    assert [request.split(" ")[0] for request in costs.requests] == ["POST", "DELETE"]
    assert costs.take() == (1, 2)


def test_urls_of_parts_are_one_statement_and_no_request(uploads: Uploads, costs: Costs) -> None:
    upload = uploads.create(150 * 16 * MIB)
    costs.take()
    status, _ = uploads.call("POST", f"/{upload['id']}/parts", {"numbers": list(range(51, 151))})
    assert (status, costs.take()) == (200, (1, 0))


def test_getting_an_upload_is_one_statement_and_one_request_for_its_parts(uploads: Uploads, costs: Costs) -> None:
    single, in_parts = uploads.create(SINGLE), uploads.create(IN_PARTS)
    uploads.send_parts(in_parts)
    costs.take()
    assert uploads.call("GET", f"/{single['id']}")[0] == 200
    assert costs.take() == (1, 0)
    assert uploads.call("GET", f"/{in_parts['id']}")[0] == 200
    assert costs.take() == (1, 1)
    assert uploads.call("POST", f"/{in_parts['id']}/complete")[0] == 200
    costs.take()
    assert uploads.call("GET", f"/{in_parts['id']}")[0] == 200
    assert costs.take() == (1, 0)


def test_completing_is_two_statements_and_at_most_two_requests(uploads: Uploads, costs: Costs) -> None:
    upload = uploads.create(IN_PARTS)
    complete = f"/{upload['id']}/complete"
    parts = uploads.send_parts(upload)
    costs.take()
    assert uploads.call("POST", complete, {"parts": parts})[0] == 200
    assert costs.take() == (2, 1)
    for _ in range(2):  # completed already
        assert uploads.call("POST", complete, {"parts": parts})[0] == 200
        assert costs.take() == (1, 0)
    upload = uploads.create(IN_PARTS)
    uploads.send_parts(upload)
    costs.take()
    assert uploads.call("POST", f"/{upload['id']}/complete")[0] == 200
    assert [request.split(" ")[0] for request in costs.requests] == ["GET", "POST"]
    assert costs.take() == (2, 2)


def test_completing_what_s3_has_completed_is_within_the_same_budget(uploads: Uploads, costs: Costs) -> None:
    service = uploads.service
    for sends_parts, requests_to_s3 in ((False, ["GET", "HEAD"]), (True, ["POST"])):
        upload = uploads.create(IN_PARTS)
        parts = uploads.send_parts(upload)
        [multipart] = service.s3.list_multipart_uploads(Bucket=service.bucket)["Uploads"]
        service.s3.complete_multipart_upload(
            Bucket=service.bucket,
            Key=multipart["Key"],
            UploadId=multipart["UploadId"],
            MultipartUpload={"Parts": [{"PartNumber": part["number"], "ETag": part["etag"]} for part in parts]},
        )
        costs.take()
        status, _ = uploads.call("POST", f"/{upload['id']}/complete", {"parts": parts} if sends_parts else None)
        assert [request.split(" ")[0] for request in costs.requests] == requests_to_s3
        assert (status, costs.take()) == (200, (2, len(requests_to_s3)))


def test_completing_after_the_event_is_one_statement(uploads: Uploads, costs: Costs) -> None:
    upload = uploads.create(SINGLE)
    uploads.send(upload["upload"]["url"], b"hello", **upload["upload"]["headers"])
    costs.take()
    assert uploads.call("POST", f"/{upload['id']}/complete")[0] == 200
    assert costs.take() == (2, 1)  # is it there?
    upload = uploads.create(SINGLE)
    uploads.send(upload["upload"]["url"], b"hello", **upload["upload"]["headers"])
    uploads.service.process(uploads.service.key(upload))
    costs.take()
    status, file = uploads.call("POST", f"/{upload['id']}/complete")
    assert (status, file["status"]) == (200, "processed")
    assert costs.take() == (1, 0)


def test_an_upload_that_lacks_its_bytes_is_refused_within_the_budget(uploads: Uploads, costs: Costs) -> None:
    single, in_parts = uploads.create(SINGLE), uploads.create(IN_PARTS)
    costs.take()
    assert uploads.call("POST", f"/{single['id']}/complete")[0] == 409
    assert costs.take() == (1, 2)  # no object, or no bucket?
    assert uploads.call("POST", f"/{in_parts['id']}/complete")[0] == 409
    assert costs.take() == (1, 1)


def test_aborting_or_deleting_an_upload_is_two_statements(uploads: Uploads, costs: Costs) -> None:
    for path in ("/api/uploads", "/api/files"):
        single, in_parts = uploads.create(SINGLE), uploads.create(IN_PARTS)
        costs.take()
        assert uploads.service.http.delete(f"{path}/{single['id']}").status_code == 204
        assert costs.take() == (2, 1)
        assert uploads.service.http.delete(f"{path}/{in_parts['id']}").status_code == 204
        assert costs.take() == (2, 2)  # its multipart upload
