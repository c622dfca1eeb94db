"""Exact costs of a call: statements, S3 requests and bytes."""

import time
from datetime import timedelta
from uuid import UUID

import pytest

from chalicelib import container
from chalicelib.core.files.get_file import GetFile, get_file
from chalicelib.core.streams.object_reader import BLOCK
from tests.integration.conftest import Service
from tests.integration.costs import Costs
from tests.samples import png


def test_an_upload_is_two_statements_and_one_request(service: Service, costs: Costs) -> None:
    service.upload()
    assert [statement.split()[0] for statement in costs.statements] == ["INSERT", "UPDATE"]
    assert costs.take() == (2, 1)


def test_listing_files_is_one_statement(service: Service, costs: Costs) -> None:
    for query in ("", "?limit=1", "?type=image/*&order=name", "?metadata.order=7"):
        assert service.http.get(f"/api/files/{query}").status_code == 200
        assert costs.take() == (1, 0)


def test_a_search_is_one_statement_and_another_one_the_first_time(service: Service, costs: Costs) -> None:
    """The statistics are kept."""
    for query, statements in (("?q=a&status=uploaded&type=image/*&order=name", 2), ("?q=a", 1), ("?text=a", 1)):
        assert service.http.get(f"/api/files/{query}").status_code == 200
        assert costs.take() == (statements, 0)


def test_getting_a_file_is_one_statement(service: Service, costs: Costs) -> None:
    file = service.upload()
    costs.take()
    service.show(file["id"])
    assert costs.take() == (1, 0)
    assert service.http.get(f"/api/files/{file['id']}/content").status_code == 302
    assert costs.take() == (1, 0)
    assert service.http.get(f"/api/files/{file['id']}/content?redirect=false").status_code == 200
    assert costs.take() == (1, 0)
    headers = {"Content-Type": "application/json"}
    assert service.http.patch(f"/api/files/{file['id']}", headers=headers, body='{"name": "b"}').status_code == 200
    assert costs.take() == (2, 0)  # what the type mismatch depends on is read first
    body = '{"metadata": {"order": "7"}}'
    assert service.http.patch(f"/api/files/{file['id']}", headers=headers, body=body).status_code == 200
    assert costs.take() == (1, 0)


def test_a_long_poll_is_two_statements_more_than_its_polls(service: Service, costs: Costs) -> None:
    file = service.upload()
    path = f"/api/files/{file['id']}"
    costs.take()
    assert service.http.get(f"{path}?wait=20&since=0").status_code == 200
    assert costs.take() == (1, 0)  # there is no need to wait
    passed = [0.0]
    get_file(
        GetFile(container.settings().default_owner, UUID(file["id"]), wait=timedelta(seconds=1)),
        files=container.files(),
        long_polls=container.long_polls(),
        clock=lambda: sum(passed),
        pause=passed.append,
    )
    polls = 5  # after 0.1, 0.15, 0.225 and 0.34 s, and at the end
    assert [s.split()[0] for s in costs.statements] == ["SELECT", "UPDATE", *["SELECT"] * polls, "UPDATE"]
    costs.take()


def test_a_long_poll_beyond_the_limit_is_two_statements(service: Service, costs: Costs) -> None:
    file = service.upload()
    for _ in range(container.settings().max_long_polls):
        assert container.long_polls().acquire(timedelta(minutes=1))
    costs.take()
    begin = time.monotonic()
    response = service.http.get(f"/api/files/{file['id']}?wait=20")
    assert time.monotonic() - begin < 5
    assert (response.status_code, response.headers["Retry-After"]) == (200, "2")
    unchanged = {"If-None-Match": response.headers["ETag"]}
    response = service.http.get(f"/api/files/{file['id']}?wait=20", headers=unchanged)
    assert (response.status_code, response.headers["Retry-After"]) == (304, "2")
    assert costs.take() == (4, 0)


def test_deleting_is_two_statements_and_one_request(service: Service, costs: Costs) -> None:
    file = service.upload()
    costs.take()
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert costs.take() == (2, 1)


@pytest.mark.parametrize(
    ("content", "requests"),
    [
        (b"", ["HEAD"]),  # is it there?
        (b"hello\n", ["GET"]),
        (png(), ["GET", "PUT"]),  # its thumbnail
        (bytes(BLOCK), ["GET"]),
        (b"\0\1\2\3" * BLOCK, ["GET"] * 2),  # unknown: its beginning, and its end, where a zip has its directory
        (png() + bytes(4 * BLOCK), ["GET", "PUT"]),  # an image's header and its few pixels
        (b"line\n" * BLOCK, ["GET"] * 5),  # a text is read whole, and no block twice
    ],
)
def test_processing_is_two_statements_and_ranged_gets(
    service: Service, costs: Costs, content: bytes, requests: list[str]
) -> None:
    file = service.upload("f", content)
    costs.take()
    service.process(service.key(file))
    assert [request.split(" ")[0] for request in costs.requests] == requests
    assert costs.take() == (2, len(requests))
    assert service.show(file["id"])["status"] == "processed"


def test_a_thumbnail_is_one_statement_and_one_more_request_to_delete(service: Service, costs: Costs) -> None:
    file = service.upload("f", png())
    service.process(service.key(file))
    costs.take()
    assert service.http.get(f"/api/files/{file['id']}/thumbnail").status_code == 302
    assert costs.take() == (1, 0)
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert costs.take() == (2, 2)


def test_duplicate_event_is_two_statements_and_no_request(service: Service, costs: Costs) -> None:
    file = service.upload()
    service.process(service.key(file))
    costs.take()
    service.process(service.key(file))
    assert costs.take() == (2, 0)


def test_a_sweep_with_nothing_to_do_is_ten_statements_and_two_pages_of_the_listing(
    service: Service, costs: Costs
) -> None:
    service.sweep()
    assert all(f"/{service.bucket}?encoding-type=url&list-type=2" in request for request in costs.requests)
    assert costs.take() == (10, 2)


def test_statements_of_timeline_changes_and_health(service: Service, costs: Costs) -> None:
    file = service.upload()
    costs.take()
    assert service.http.get(f"/api/files/{file['id']}/timeline").status_code == 200
    assert costs.take() == (1, 0)
    for _ in range(2):
        for path in ("/api/changes", "/api/changes?newest=true&limit=1"):
            assert service.http.get(path).status_code == 200
            assert costs.take() == (2, 0)
    tag = {"If-None-Match": service.http.get(f"/api/files/{file['id']}").headers["ETag"]}
    costs.take()
    assert service.http.get(f"/api/files/{file['id']}", headers=tag).status_code == 304
    assert costs.take() == (1, 0)
    assert service.http.get("/api/health").status_code == 200
    assert costs.take() == (1, 1)
    service.process(service.key(file))
    costs.take()
    assert service.http.post(f"/api/files/{file['id']}/reprocess").status_code == 202
    assert costs.take() == (1, 0)


def test_an_object_that_was_replaced_costs_a_head_for_its_checksum(service: Service, costs: Costs) -> None:
    file = service.upload()
    service.process(service.key(file))
    event = service.put(service.key(file), b"something else")
    costs.take()
    service.deliver(event)
    assert [request.split(" ")[0] for request in costs.requests] == ["GET", "HEAD"]
    assert costs.take() == (2, 2)
