"""Lists of files with large results: each response fits into what Lambda returns."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event, text

from chalicelib import container
from chalicelib.core.files.file_list import ListQuery, Order
from chalicelib.core.processing.result_size import MAX_RESULT_BYTES
from tests.integration.conftest import Service

LAMBDA_LIMIT = 6_291_456

ADD = text(
    "INSERT INTO files (id, owner, name, object_key, size, status, uploaded_at, detected_type, result) "
    "SELECT gen_random_uuid(), 'everyone', 'n' || n, 'uploads/' || n, n, 'processed', now() - n * interval '1 s', "
    "'text/csv', CAST(:result AS jsonb) FROM generate_series(CAST(:first AS integer), :last) AS n"
)


def add_files(first: int, last: int, result: dict[str, Any]) -> None:
    with container.database().engine.connect() as connection:
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
    engine = container.database().engine
    statements: list[tuple[str, Any]] = []

    @event.listens_for(engine, "before_cursor_execute")
    def observe(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    shown = len(container.files().list("everyone", ListQuery(limit=1000, order=order)).files)
    [(statement, parameters)] = statements
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters).scalar_one()
    assert shown < 50
    assert max(rows_measured(plan[0]["Plan"])) <= shown + 3


def rows_measured(node: dict[str, Any]) -> Iterator[float]:
    """Yield the rows of each node of a plan that computes sums and counts."""
    if node["Node Type"] == "WindowAgg":
        yield node["Actual Rows"]
    for inner in node.get("Plans", []):
        yield from rows_measured(inner)
