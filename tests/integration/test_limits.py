"""Limits as the routes and the functions hold them, and what they cost."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from chalicelib import container
from tests.integration.conftest import Service, form
from tests.integration.costs import Costs, count_costs
from tests.samples import png

ENOUGH = {"MAX_FILES": "1000", "MAX_STORED_BYTES": "1000000000", "MAX_FILES_PER_DAY": "1000"}
ENOUGH |= {"MAX_BYTES_PER_DAY": "1000000000", "MULTIPART_THRESHOLD_BYTES": "1000"}

Limit = Callable[..., None]


@pytest.fixture
def limit(service: Service, monkeypatch: pytest.MonkeyPatch) -> Limit:  # noqa: ARG001  # sets other variables
    def limit(**environ: str) -> None:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        container.reset()

    return limit


@pytest.fixture
def limited_costs(service: Service, limit: Limit) -> Iterator[Costs]:
    """What calls cost under limits that they don't exceed."""
    limit(**ENOUGH)
    service.upload("warm-up")
    with count_costs() as costs:
        yield costs


def call(service: Service, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Return the status and the JSON of a response."""
    content = b"" if body is None else json.dumps(body).encode()
    sent = headers if body is None else {"Content-Type": "application/json", **headers}
    response = service.http.request(method, path, headers=sent, body=content)
    return response.status_code, json.loads(response.body) if response.body else None


def usage(service: Service) -> dict[str, Any]:
    status, body = call(service, "GET", "/api/usage")
    assert status == 200, body
    result: dict[str, Any] = body
    return result


def test_usage_says_what_is_used_and_left(service: Service, limit: Limit) -> None:
    limit(
        MAX_FILES="3",
        MAX_BYTES_PER_DAY="10",
        MAX_FILE_BYTES="7",
        DENIED_TYPES="text/html",
        REQUESTS_PER_MINUTE="6000",
        OWNER_LIMITS='{"everyone": {"max_stored_bytes": 4}, "bob": {"max_files": 0}}',
    )
    service.upload(content=b"four")
    found = usage(service)
    day_ends_at = found.pop("day_ends_at")
    assert day_ends_at.endswith("T00:00:00.000Z")
    assert found == {
        "owner": "everyone",
        "files": {"used": 1, "limit": 3, "left": 2},
        "bytes": {"used": 4, "limit": 4, "left": 0},
        "files_today": {"used": 1, "limit": None, "left": None},
        "bytes_today": {"used": 4, "limit": 10, "left": 6},
        "requests_per_minute": {"limit": 6000},
        "max_file_bytes": 7,
        "allowed_types": None,
        "denied_types": ["text/html"],
    }


def test_usage_is_one_statement(service: Service, costs: Costs) -> None:
    usage(service)
    assert costs.take() == (1, 0)


def test_within_quotas_an_upload_costs_no_statement_more(service: Service, limited_costs: Costs) -> None:
    service.upload()
    assert limited_costs.take() == (2, 1)
    call(service, "POST", "/api/uploads", {"name": "a.txt", "size": 5})
    assert limited_costs.take() == (1, 0)
    for _ in range(2):
        call(service, "POST", "/api/uploads", {"name": "a.txt", "size": 5}, **{"Idempotency-Key": "key"})
        assert limited_costs.take() == (1, 0)
    call(service, "POST", "/api/uploads", {"name": "a.txt", "size": 5000})
    assert limited_costs.take() == (1, 1)
    call(service, "GET", "/s3/params?filename=a.txt")
    assert limited_costs.take() == (1, 0)
    call(service, "POST", "/s3/multipart", {"filename": "a.txt"})
    assert limited_costs.take() == (1, 1)
    for request in ({"method": "PUT", "key": "a.txt"}, {"method": "POST", "key": "a.txt"}):
        call(service, "POST", "/s3/sign", request)
        assert limited_costs.take() == (1, 0)


def test_processing_costs_a_statement_more_only_if_the_size_was_not_told(
    service: Service, limited_costs: Costs
) -> None:
    sized = service.upload()
    limited_costs.take()
    service.process(service.key(sized))
    assert limited_costs.take()[0] == 2
    _, params = call(service, "GET", "/s3/params?filename=a.txt")
    service.put(params["fields"]["key"], b"hello")
    limited_costs.take()
    service.process(params["fields"]["key"])
    assert limited_costs.take()[0] == 3


def test_a_refused_upload_costs_one_statement_and_leaves_nothing(service: Service, limit: Limit) -> None:
    limit(**{**ENOUGH, "MAX_FILES": "1"})
    service.upload("warm-up")
    with count_costs() as costs:
        for body, requests_to_s3 in (({"name": "a.txt", "size": 5}, 0), ({"name": "a.txt", "size": 5000}, 2)):
            status, error = call(service, "POST", "/api/uploads", body)
            assert (status, error["error"]) == (403, "quota_exceeded")
            assert costs.take() == (1, requests_to_s3)
        response = service.http.post("/api/upload/", **form("a.txt", b"hello"))
        assert (response.status_code, costs.take()) == (403, (1, 0))
    assert len(call(service, "GET", "/api/files/")[1]) == 1
    assert service.s3.list_multipart_uploads(Bucket=service.bucket).get("Uploads", []) == []


def test_a_days_quota_is_429_with_the_seconds_until_it_ends(service: Service, limit: Limit) -> None:
    limit(MAX_FILES_PER_DAY="1")
    file = service.upload()
    assert call(service, "DELETE", f"/api/files/{file['id']}")[0] == 204
    response = service.http.post("/api/upload/", **form("a.txt", b"hello"))
    assert (response.status_code, json.loads(response.body)["error"]) == (429, "daily_quota_exceeded")
    assert 0 < int(response.headers["Retry-After"]) <= 24 * 60 * 60


def test_the_largest_file_of_an_owner_holds_on_each_route(service: Service, limit: Limit) -> None:
    limit(OWNER_LIMITS='{"everyone": {"max_file_bytes": 4}}')
    response = service.http.post("/api/upload/", **form("a.txt", b"hello"))
    assert response.status_code == 413
    assert "`max_file_bytes` of GET /api/usage" in json.loads(response.body)["message"]
    assert call(service, "POST", "/api/uploads", {"name": "a.txt", "size": 5})[0] == 413
    _, params = call(service, "GET", "/s3/params?filename=a.txt")
    sent = requests.post(params["url"], data=params["fields"], files={"file": b"hello"}, timeout=30)
    assert sent.status_code == 400
    assert "EntityTooLarge" in sent.text


@pytest.mark.parametrize(
    ("name", "content", "limits", "accepted"),
    [
        ("a.png", png(), {"ALLOWED_TYPES": "image/*"}, True),
        ("a.png", png(), {"ALLOWED_TYPES": "text/*"}, False),
        ("a.txt", png(), {"ALLOWED_TYPES": "text/*"}, False),
        ("a.png", png()[:20], {"DENIED_TYPES": "image/*"}, False),
        ("a.txt", "Grüße".encode("utf-16"), {"ALLOWED_TYPES": "text/plain"}, True),
        ("a.txt", b"text", {"ALLOWED_TYPES": "text/*", "DENIED_TYPES": "text/plain"}, False),
    ],
)
def test_types_are_those_that_the_content_has(
    service: Service, limit: Limit, name: str, content: bytes, limits: dict[str, str], accepted: bool
) -> None:
    limit(**limits)
    file = service.upload(name, content)
    service.process(service.key(file))
    shown = service.show(file["id"])
    objects = service.s3.list_objects_v2(Bucket=service.bucket, Prefix="uploads/").get("Contents", [])
    if accepted:
        assert (shown["status"], len(objects)) == ("processed", 1)
        return
    assert (shown["status"], shown["error"]["code"], objects) == ("rejected", "type_not_allowed", [])
    assert service.timeline(file["id"])[-1] == "finished"
    assert usage(service)["files"]["used"] == 0


def test_where_types_are_limited_a_file_can_be_downloaded_once_its_type_is_known(
    service: Service, limit: Limit
) -> None:
    limit(ALLOWED_TYPES="text/*")
    file = service.upload()
    status, error = call(service, "GET", f"/api/files/{file['id']}/content")
    assert (status, error["error"]) == (409, "type_unknown")
    service.process(service.key(file))
    assert service.http.get(f"/api/files/{file['id']}/content").status_code == 302


def test_an_object_of_another_tool_over_the_quota_is_removed(service: Service, limit: Limit) -> None:
    limit(MAX_STORED_BYTES="8")
    service.deliver(service.put("uploads/first.txt", b"first"))
    service.deliver(service.put("uploads/second.txt", b"second"))
    files = {file["name"]: file for file in call(service, "GET", "/api/files/")[1]}
    assert files["first.txt"]["status"] == "processed"
    second = files["second.txt"]
    assert (second["status"], second["error"]["code"]) == ("rejected", "quota_exceeded")
    objects = service.s3.list_objects_v2(Bucket=service.bucket, Prefix="uploads/")["Contents"]
    assert [each["Key"] for each in objects] == ["uploads/first.txt"]
    assert usage(service)["bytes"] == {"used": 5, "limit": 8, "left": 3}
