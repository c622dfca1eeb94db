"""What administrators see of the whole service, and reprocessing through the API."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from chalicelib import container
from chalicelib.adapters.postgres.file_counts import PostgresFileCounts
from chalicelib.core.errors import DATABASE_UNAVAILABLE, STORAGE_UNAVAILABLE, ServiceError
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing import mark_for_reprocessing
from chalicelib.processors.registry import versions
from tests.database_access import connect_to, connect_to_url
from tests.integration.conftest import Service
from tests.integration.costs import Costs
from tests.processors.analyze import raise_version
from tests.query_plans import explain, index_entries_read, rows_read
from tests.samples import png

OVERVIEW, OWNERS, REPROCESS = "/api/admin/overview", "/api/admin/owners", "/api/admin/reprocess"


def overview(service: Service) -> dict[str, Any]:
    status, body = service.get(OVERVIEW)
    assert status == 200, body
    result: dict[str, Any] = body
    return result


def upload_as(service: Service, owner: str, content: bytes) -> dict[str, Any]:
    headers = {"Content-Type": "application/octet-stream", "X-Owner": owner}
    response = service.http.post("/api/upload?name=a.txt", headers=headers, body=content)
    assert response.status_code == 201, response.body
    file: dict[str, Any] = json.loads(response.body)
    return file


def process(service: Service, name: str, content: bytes) -> dict[str, Any]:
    file = service.upload(name, content)
    service.process(service.key(file))
    return file


class TestOverview:
    def test_files_by_status_and_type(self, service: Service) -> None:
        process(service, "a.png", png())
        process(service, "a.txt", b"hello\n")
        damaged = process(service, "b.png", png()[:20])
        service.upload("waiting.txt")
        found = overview(service)
        files = {each["status"]: (each["files"], each["precision"]) for each in found["statuses"]}
        assert files == dict.fromkeys(Status, (0, "exact")) | {
            "processed": (2, "exact"),
            "failed": (1, "exact"),
            "uploaded": (1, "exact"),
        }
        assert found["types"] == [
            {"type": "image/*", "files": 2, "precision": "exact"},
            {"type": None, "files": 1, "precision": "exact"},
            {"type": "text/*", "files": 1, "precision": "exact"},
        ]
        [failure] = found["failures"]
        processed_at = service.show(damaged["id"])["processed_at"]
        assert failure == {
            "code": "unreadable_image",
            "files": 1,
            "precision": "exact",
            "newest_at": processed_at,
        }

    def test_late_files(self, service: Service) -> None:
        file = service.upload("late.txt")
        assert overview(service)["late"] == {"files": 0, "precision": "exact", "longest": []}
        container.database().execute("UPDATE files SET queued_at = now() - interval '16 minutes'")
        late = overview(service)["late"]
        assert (late["files"], late["precision"]) == (1, "exact")
        [shown] = late["longest"]
        waited = datetime.now(UTC) - datetime.fromisoformat(shown.pop("waiting_since"))
        assert timedelta(minutes=16) <= waited < timedelta(minutes=17)
        assert shown == {
            "id": file["id"],
            "owner": container.settings().default_owner,
            "name": "late.txt",
            "status": "uploaded",
            "attempts": 0,
        }

    def test_a_response_must_not_be_cached(self, service: Service) -> None:
        assert service.http.get(OVERVIEW).headers["Cache-Control"] == "no-store"

    def test_an_overview_is_five_statements(self, service: Service, costs: Costs) -> None:
        overview(service)
        assert costs.take() == (5, 0)


class TestLastSweep:
    def test_before_the_first_one_there_is_none(self, service: Service) -> None:
        assert overview(service)["last_sweep"] is None

    def test_a_sweep_that_has_run_everything(self, service: Service) -> None:
        service.upload()
        container.database().execute("UPDATE files SET status_since = now() - interval '1 hour'")
        service.sweep()
        last = overview(service)["last_sweep"]
        assert abs(datetime.fromisoformat(last["finished_at"]) - datetime.now(UTC)) < timedelta(minutes=1)
        assert 0 < last["seconds"] < 60
        assert (last["end"], last["outcomes"]) == ("completed", {"event_lost": 1})
        service.sweep()
        assert overview(service)["last_sweep"]["outcomes"] == {}

    def test_a_sweep_that_the_storage_has_ended(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise ServiceError(STORAGE_UNAVAILABLE)

        monkeypatch.setattr(type(container.storage()), "list", fail)
        with pytest.raises(ServiceError):
            service.sweep()
        assert overview(service)["last_sweep"]["end"] == "failed"

    def test_a_sweep_that_is_not_recorded_ends_as_it_would_have(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ServiceError(DATABASE_UNAVAILABLE)

        monkeypatch.setattr(type(container.sweep_records()), "record", fail)
        service.sweep()
        assert overview(service)["last_sweep"] is None


class TestOwners:
    @pytest.fixture(autouse=True)
    def _files(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OWNER_LIMITS", '{"bob": {"max_files": 2}}')
        container.reset()
        for owner, content in (("alice", b"12345"), ("bob", b"123"), ("carol", b"1"), ("carol", b"2")):
            upload_as(service, owner, content)

    def pages(self, service: Service, query: str) -> Iterator[list[dict[str, Any]]]:
        url: str | None = f"{OWNERS}?{query}"
        while url:
            response = service.http.get(url)
            assert response.status_code == 200, response.body
            yield json.loads(response.body)
            link = response.headers.get("Link")
            url = urlsplit(link[1 : link.index(">")])._replace(scheme="", netloc="").geturl() if link else None

    def test_what_each_uses(self, service: Service) -> None:
        [listed] = self.pages(service, "")
        assert [each["owner"] for each in listed] == ["alice", "bob", "carol"]
        assert listed[1]["files"] == {"used": 1, "limit": 2, "left": 1}
        for each in listed:
            assert service.get("/api/usage", X_Owner=each["owner"]) == (200, each)

    @pytest.mark.parametrize(
        ("order", "owners"),
        [("-bytes", "alice bob carol"), ("-files", "carol alice bob"), ("owner", "alice bob carol")],
    )
    def test_orders_and_pages(self, service: Service, order: str, owners: str) -> None:
        pages = list(self.pages(service, f"order={order}&limit=2"))
        assert [len(page) for page in pages] == [2, 1]
        assert " ".join(each["owner"] for page in pages for each in page) == owners

    @pytest.mark.parametrize("query", ["order=name", "limit=0", "after=%00", "cursor=alice"])
    def test_an_invalid_parameter_is_refused(self, service: Service, query: str) -> None:
        status, body = service.get(f"{OWNERS}?{query}")
        assert (status, body["error"]) == (400, "invalid_parameter")

    def test_a_page_is_one_statement(self, service: Service, costs: Costs) -> None:
        assert service.get(OWNERS)[0] == 200
        assert costs.take() == (1, 0)


class TestReprocessing:
    def reprocess(self, service: Service, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {} if body is None else {"Content-Type": "application/json"}
        sent = b"" if body is None else json.dumps(body).encode()
        response = service.http.post(REPROCESS, headers=headers, body=sent)
        return response.status_code, json.loads(response.body)

    def test_what_an_older_processor_has_processed(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        picture = process(service, "a.png", png())
        process(service, "a.txt", b"hello\n")
        raise_version(monkeypatch, "image")
        assert self.reprocess(service) == (202, {"examined": 2, "marked": 1, "after": None})
        assert overview(service)["to_be_reprocessed"] == {"files": 1, "precision": "exact"}
        service.sweep()
        assert service.show(picture["id"])["result"]["image"]["version"] == versions()["image"]
        assert overview(service)["to_be_reprocessed"]["files"] == 0
        assert overview(service)["last_sweep"]["outcomes"] == {"outdated": 1}

    def test_further_requests_continue(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
        files = [process(service, f"{n}.png", png()) for n in range(3)]
        raise_version(monkeypatch, "image")
        second = sorted(file["id"] for file in files)[1]
        with monkeypatch.context() as patch:
            remaining = iter([timedelta(seconds=9), timedelta(0)])
            patch.setattr(mark_for_reprocessing, "BATCH", 2)
            patch.setattr("chalicelib.http.administration.count_down", lambda _: lambda: next(remaining))
            status, first = self.reprocess(service, {})
        assert (status, first) == (202, {"examined": 2, "marked": 2, "after": second})
        rest = self.reprocess(service, {"after": second})
        assert rest == (202, {"examined": 1, "marked": 1, "after": None})

    @pytest.mark.parametrize("body", [{"after": "7"}, {"after": 7}, {"before": None}])
    def test_an_invalid_body_is_refused(self, service: Service, body: dict[str, Any]) -> None:
        status, response = self.reprocess(service, body)
        assert (status, response["error"]) == (422, "invalid_field")


ADD = text(
    "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, processed_at, detected_type, "
    "error_code, search_terms, mismatch) "
    "SELECT gen_random_uuid(), 'o' || n % 10, 'n' || n, 'uploads/' || n, n, "
    "CASE n % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'expired' WHEN 2 THEN 'uploaded' ELSE 'processed' END, now(), "
    "CASE WHEN n % 100 NOT IN (1, 2) THEN now() END, CASE WHEN n % 2 = 0 THEN 'image/png' ELSE 'text/csv' END, "
    "CASE WHEN n % 100 = 0 THEN 'unreadable_image' END, '{}', false "
    "FROM generate_series(1, :count) AS n"
)


@pytest.mark.usefixtures("service")
def test_an_overview_of_many_files_reads_a_limited_number_of_them(owner_database_url: str) -> None:
    """Of 20,000, with limits that are as much smaller."""
    with connect_to(container.database()) as connection:
        connection.execute(ADD, {"count": 20_000})
    with connect_to_url(owner_database_url) as connection:
        connection.execute(text("VACUUM (ANALYZE) files"))
    limit = 150
    for max_counted in (limit, 100_000):
        counts = PostgresFileCounts(container.database(), max_counted=max_counted, max_pages=20)
        bad, waiting = min(max_counted, 400), min(max_counted, 200)
        by_status, plan = explain(container.database(), counts.by_status)
        assert (rows_read(plan), index_entries_read(plan)) == (waiting, bad)
        late, plan = explain(container.database(), partial(counts.late, timedelta(0), 20))
        assert (rows_read(plan), index_entries_read(plan)) == (waiting, 0)
        assert late.count.files == waiting
        _, plan = explain(container.database(), partial(counts.failures, timedelta(days=7)))
        assert (rows_read(plan), index_entries_read(plan)) == (0, min(max_counted, 200))
    exact = {status: count.files for status, count in by_status.by_status.items() if count.files}
    assert exact == {Status.PROCESSED: 19_400, Status.FAILED: 200, Status.EXPIRED: 200, Status.UPLOADED: 200}
    sample, plan = explain(container.database(), counts.sample_families)
    assert 0 < rows_read(plan) < 4000
    assert not sample.is_whole
    assert sample.by_family.keys() == {"image", "text"}
