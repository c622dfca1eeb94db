"""Lists of files with large results: each response fits into what Lambda returns."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from chalicelib import container
from chalicelib.core.accounts.model import AllOwners, Owners
from chalicelib.core.files.file_list import ListQuery, Order
from chalicelib.core.files.statuses import Status
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES
from tests.database_access import connect_to, connect_to_url
from tests.integration.conftest import Service
from tests.query_plans import all_nodes, explain, rows_read

LAMBDA_LIMIT = 6_291_456

ADD = text(
    "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, detected_type, result) "
    "SELECT gen_random_uuid(), 'everyone', 'n' || n, 'uploads/' || n, n, 'processed', now() - n * interval '1 s', "
    "'text/csv', CAST(:result AS jsonb) FROM generate_series(CAST(:first AS integer), :last) AS n"
)


def add_files(first: int, last: int, result: dict[str, Any]) -> None:
    with connect_to(container.database()) as connection:
        connection.execute(ADD, {"first": first, "last": last, "result": json.dumps(result)})


def table(columns: int) -> dict[str, Any]:
    return {"csv": {"version": 3, "columns": [{"name": f"c{n}", "type": "text"} for n in range(columns)]}}


def pages(service: Service, query: str) -> Iterator[list[dict[str, Any]]]:
    """Yield each page, and check the size of what Lambda returns for it."""
    url: str | None = f"/api/files/?{query}"
    while url:
        response = service.http.get(url)
        assert response.status_code == 200
        returned = json.dumps({"body": response.body.decode(), "headers": dict(response.headers)})
        assert len(returned) < LAMBDA_LIMIT
        yield json.loads(response.body)
        link = response.headers.get("Link")
        url = urlsplit(link[1 : link.index(">")])._replace(scheme="", netloc="").geturl() if link else None


@pytest.mark.parametrize("order", ["-uploaded_at", "uploaded_at", "name", "-name", "size", "-size"])
def test_all_files_are_listed_once_in_pages_that_fit(service: Service, order: str) -> None:
    add_files(1, 1000, table(columns=250))
    listed = list(pages(service, f"limit=1000&order={order}"))
    assert len(listed) > 1
    files = [file for page in listed for file in page]
    key = order.lstrip("-")
    assert sorted(file["size"] for file in files) == list(range(1, 1001))
    assert [file[key] for file in files] == sorted((file[key] for file in files), reverse=order.startswith("-"))
    assert all(file["result"] == table(columns=250) for file in files)


def test_small_results_fill_the_page(service: Service) -> None:
    add_files(1, 1001, table(columns=3))
    assert [len(page) for page in pages(service, "limit=1000")] == [1000, 1]


def test_a_result_from_before_there_was_a_limit_is_trimmed(service: Service) -> None:
    """Neither its file nor the list with it is out of reach."""
    add_files(1, 3, {"csv": {"version": 3, "rows": 7, "names": ["x" * 4000] * 4000}})  # 16 MB each
    files = [file for page in pages(service, "limit=2") for file in page]
    assert len(files) == 3
    status, file = service.get(f"/api/files/{files[0]['id']}")
    assert status == 200
    for shown in (*files, file):
        facts = shown["result"]["csv"]
        assert (facts["version"], facts["rows"], facts["trimmed"]) == (3, 7, True)
        assert len(json.dumps(shown)) < MAX_RESULT_BYTES + 2000


@pytest.mark.usefixtures("service")
def test_no_more_results_are_read_than_a_page_has() -> None:
    add_files(1, 100, {"text": {"version": 1, "preview": "x" * 120_000}})
    listing = container.files().list("everyone", ListQuery(limit=100))
    assert 40 <= len(listing.files) <= 43  # of 5 MB
    assert listing.has_more


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("order", [Order.NEWEST, Order.NAME])
def test_no_sizes_are_computed_beyond_a_page(order: Order) -> None:
    """Computing one takes as long as reading the result: of 1,000 large ones, seconds."""
    add_files(1, 1000, {"text": {"version": 1, "preview": "x" * 120_000}})
    query = ListQuery(limit=1000, order=order)
    listing, plan = explain(container.database(), lambda: container.files().list("everyone", query))
    shown = len(listing.files)
    measured = [node["Actual Rows"] for node in all_nodes(plan) if node["Node Type"] == "WindowAgg"]
    assert shown < 50
    assert max(measured) <= shown + 3


ADD_WITH_METADATA = text(
    "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, metadata) "
    "SELECT gen_random_uuid(), CASE WHEN n % 10 = 0 THEN 'small' ELSE 'everyone' END, 'n' || n, 'uploads/' || n, "
    "n, 'processed', now() - n * interval '1 s', jsonb_build_object('order', (n / 10)::text, 'stage', "
    "CASE WHEN n % 10 = 0 AND n > 50 OR n % 20 = 1 THEN 'test' ELSE 'prod' END) "
    "FROM generate_series(CAST(:first AS integer), :last) AS n"
)


@pytest.mark.usefixtures("service")
def test_a_list_by_metadata_reads_as_many_rows_however_many_files_there_are(owner_database_url: str) -> None:
    """A rare value is found by its index, also one that is frequent among another owner's files. For a frequent
    one the list is read in its order until the page is full."""
    read: list[dict[str, int]] = []
    for first, last in ((1, 4_000), (4_001, 12_000)):
        with connect_to_url(owner_database_url) as connection:
            connection.execute(text("ALTER TABLE files DISABLE TRIGGER USER"))
            connection.execute(ADD_WITH_METADATA, {"first": first, "last": last})
            connection.execute(text("ANALYZE files"))
        read.append(
            {
                "one order": rows_of_page("everyone", {"order": "7"}),
                "no order": rows_of_page("everyone", {"order": "x"}),
                "two entries": rows_of_page("everyone", {"order": "8", "stage": "prod"}),
                "rare here": rows_of_page("small", {"stage": "prod"}),
                "frequent": rows_of_page("everyone", {"stage": "prod"}, limit=50),
                "one order of all owners": rows_of_page(AllOwners.ALL, {"order": "7"}),
                "no order of all owners": rows_of_page(AllOwners.ALL, {"order": "x"}),
            }
        )
    assert read[0] == read[1]
    assert read[0] == {
        "one order": 9,
        "no order": 0,
        "two entries": 8,
        "rare here": 5,
        "frequent": 54,
        "one order of all owners": 10,
        "no order of all owners": 0,
    }


ADD_OF_OWNERS = text(
    "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, mismatch) "
    "SELECT gen_random_uuid(), 'owner' || n % 20, 'n' || n, 'uploads/' || n, n, "
    "CASE WHEN n % 100 = 0 THEN 'failed' ELSE 'processed' END, now() - n * interval '1 s', n % 500 = 0 "
    "FROM generate_series(CAST(:first AS integer), :last) AS n"
)


@pytest.mark.usefixtures("service")
def test_an_administrators_list_reads_as_many_rows_however_many_files_there_are(owner_database_url: str) -> None:
    """To find each owner and each one's first file, and as many as a page has of those whose first come first."""
    queries = [ListQuery(limit=9, order=order) for order in Order]
    queries += [ListQuery(limit=9, status=Status.FAILED), ListQuery(limit=9, mismatch=True)]
    for first, last in ((1, 4_000), (4_001, 12_000)):
        with connect_to_url(owner_database_url) as connection:
            connection.execute(text("ALTER TABLE files DISABLE TRIGGER USER"))
            connection.execute(ADD_OF_OWNERS, {"first": first, "last": last})
            connection.execute(text("ANALYZE files"))
        for query in queries:
            read = measure_rows(lambda query=query: container.files().list(AllOwners.ALL, query))  # type: ignore[misc]
            assert 0 < read <= 20 + 20 + 10 * 10


ADD_UPLOADS = text(
    "INSERT INTO files (id, owner, name, object_key, status, status_since, expires_at, check_at) "
    "SELECT gen_random_uuid(), 'everyone', 'n' || n, 'uploads/' || n, "
    "CASE WHEN n % 1000 = 0 THEN 'uploaded' ELSE 'awaiting_upload' END, now() - interval '1 day', "
    "now() + interval '1 day', now() + (n - 5) * interval '1 min' "
    "FROM generate_series(CAST(:first AS integer), :last) AS n"
)


@pytest.mark.usefixtures("service")
def test_the_sweep_reads_only_the_overdue_files_however_many_uploads_are_open(owner_database_url: str) -> None:
    read = []
    for first, last in ((1, 3_000), (3_001, 12_000)):
        with connect_to_url(owner_database_url) as connection:
            connection.execute(text("ALTER TABLE files DISABLE TRIGGER USER"))
            connection.execute(ADD_UPLOADS, {"first": first, "last": last})
            connection.execute(text("ANALYZE files"))
        read.append(measure_rows(lambda: container.processing_queue().overdue(timedelta(minutes=1), 100)))
    assert read == [5 + 3, 5 + 12]  # uploads whose check is due, and files that wait for their events


def rows_of_page(owner: Owners, metadata: dict[str, str], limit: int = 100) -> int:
    """Return how many rows a page takes that PostgreSQL reads in the table."""
    return measure_rows(lambda: container.files().list(owner, ListQuery(limit=limit, metadata=metadata)))


def measure_rows(read: Callable[[], object]) -> int:
    """Return how many rows PostgreSQL reads in the table for the one statement of this call."""
    _, plan = explain(container.database(), read)
    return rows_read(plan)
