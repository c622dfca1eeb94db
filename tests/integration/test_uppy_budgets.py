"""Exact costs of Uppy's routes: statements and S3 requests."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import requests

from chalicelib import container
from tests.integration.conftest import Service
from tests.integration.costs import Costs

JSON = {"Content-Type": "application/json"}


def call(service: Service, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    """Return the JSON of a response."""
    content = b"" if body is None else json.dumps(body).encode()
    response = service.http.request(method, path, headers={} if body is None else JSON, body=content)
    assert response.status_code == status, response.body
    return json.loads(response.body)


def begin(service: Service) -> tuple[str, str]:
    """Begin an upload in parts. Return its path, and its query. Each name needs another encoding."""
    new = call(service, "POST", "/s3/multipart", {"filename": "Grüße + 1.bin"})
    return f"/s3/multipart/{quote(new['uploadId'], safe='')}", urlencode({"key": new["key"]})


def send(service: Service, path: str, query: str, body: bytes = b"x") -> list[dict[str, Any]]:
    """Send the first part. Return what completing needs."""
    url = call(service, "GET", f"{path}/1?{query}")["url"]
    return [{"PartNumber": 1, "ETag": requests.put(url, data=body, timeout=30).headers["ETag"]}]


def test_beginning_is_one_statement_and_in_parts_one_request(service: Service, costs: Costs) -> None:
    call(service, "GET", "/s3/params?filename=a.txt&type=text/plain")
    assert costs.take() == (1, 0)
    begin(service)
    assert costs.take() == (1, 1)


def test_signing_is_one_statement_and_no_request(service: Service, costs: Costs) -> None:
    path, query = begin(service)
    costs.take()
    for signed in ("1", "10000", "batch"):
        numbers = "&partNumbers=1,2,3" if signed == "batch" else ""
        call(service, "GET", f"{path}/{signed}?{query}{numbers}")
        assert costs.take() == (1, 0)


def test_completing_is_two_statements_and_two_requests(service: Service, costs: Costs) -> None:
    path, query = begin(service)
    parts = send(service, path, query)
    costs.take()
    assert [part["Size"] for part in call(service, "GET", f"{path}?{query}")] == [1]
    assert costs.take() == (1, 1)
    call(service, "POST", f"{path}/complete?{query}", {"parts": parts})
    assert costs.take() == (2, 2)
    call(service, "POST", f"{path}/complete?{query}", {"parts": parts})
    assert costs.take() == (1, 0)


def test_aborting_is_three_statements_and_two_requests(service: Service, costs: Costs) -> None:
    path, query = begin(service)
    costs.take()
    assert call(service, "DELETE", f"{path}?{query}") == {}
    assert costs.take() == (3, 2)
    assert call(service, "DELETE", f"{path}?{query}", status=404)["error"] == "not_found"
    assert costs.take() == (1, 0)


def test_signing_a_request_is_one_statement_and_one_more_where_an_upload_is_named_first(
    service: Service, costs: Costs
) -> None:
    def sign(method: str, key: str, **fields: Any) -> Any:
        return call(service, "POST", "/s3/sign", {"method": method, "key": key, **fields})

    assert "fields" in sign("PUT", "a.txt", contentType="text/plain")
    assert costs.take() == (1, 0)
    created = sign("POST", "a.txt")
    assert costs.take() == (1, 0)
    requests.post(created["url"], timeout=30)
    key = created["key"]
    [upload_id] = container.storage().multipart_uploads(key)
    costs.take()
    part = sign("PUT", key, uploadId=upload_id, partNumber=1)
    assert costs.take() == (2, 0)
    sign("PUT", key, uploadId=upload_id, partNumber=2)
    sign("GET", key, uploadId=upload_id)
    assert costs.take() == (2, 0)
    requests.put(part["url"], data=b"x", timeout=30)
    sign("POST", key, uploadId=upload_id)
    assert costs.take() == (1, 1)
    sign("DELETE", key, uploadId=upload_id)
    assert costs.take() == (2, 0)


def test_the_limit_holds_in_parts(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_FILE_BYTES", "10")
    container.reset()
    path, query = begin(service)
    parts = send(service, path, query, b"x" * 11)
    error = call(service, "POST", f"{path}/complete?{query}", {"parts": parts}, status=413)
    assert error["error"] == "file_too_large"
    assert call(service, "GET", f"{path}?{query}", status=404)["error"] == "not_found"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"uploadId": "\0"}, 404),
        ({"uploadId": "x", "key": "uploads/a\0"}, 404),
        ({"uploadId": ""}, 422),
        ({"uploadId": "x" * 1025}, 422),
    ],
)
def test_what_cannot_name_an_upload_is_not_bound_to_a_file(
    service: Service, fields: dict[str, str], status: int
) -> None:
    created = call(service, "POST", "/s3/sign", {"method": "POST", "key": "a.txt"})
    later = {"method": "PUT", "key": created["key"], "partNumber": 1, **fields}
    call(service, "POST", "/s3/sign", later, status=status)
