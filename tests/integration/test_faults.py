"""Postgres or S3 fails: the answer is 503, or nothing is noticed, and the rows stay true."""

import json
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from chalicelib import wiring
from tests.integration.conftest import Service, form

NOBODY_LISTENS = "http://127.0.0.1:9"


def cut_all_connections(database_url: str) -> None:
    """Do what a restart or a failover does to those that are connected."""
    engine = create_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def the_only_file(service: Service) -> dict[str, Any]:
    [file] = json.loads(service.http.get("/api/files/").body)
    assert isinstance(file, dict)
    return file


def test_a_dropped_connection_is_not_noticed(service: Service, database_url: str) -> None:
    file = service.upload()
    for call in (
        lambda: service.show(file["id"]),
        lambda: service.upload("b.txt"),
        lambda: service.process(service.key(file)),
        lambda: service.http.delete(f"/api/files/{file['id']}"),
    ):
        cut_all_connections(database_url)
        call()
    assert service.http.get(f"/api/files/{file['id']}").status_code == 404
    assert the_only_file(service)["name"] == "b.txt"


def test_a_statement_does_not_run_forever(service: Service) -> None:
    service.upload()
    with wiring.database().engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar_one() == "10s"


def test_without_a_database_every_route_answers_503(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    file = service.upload()
    wiring.database().engine.dispose()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    wiring.forget()
    answers = [
        service.http.post("/api/upload/", **form("a", b"x")),
        service.http.get("/api/files/"),
        service.http.get(f"/api/files/{file['id']}"),
        service.http.get(f"/api/files/{file['id']}/content"),
        service.http.delete(f"/api/files/{file['id']}"),
    ]
    assert [answer.status_code for answer in answers] == [503] * 5
    assert {json.loads(answer.body)["error"] for answer in answers} == {"database_unavailable"}
    objects = service.s3.list_objects_v2(Bucket=service.bucket).get("Contents", [])
    assert len(objects) == 1, "an object was put although no row could be written"


def test_without_a_database_url_the_answer_is_503_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    wiring.database().engine.dispose()
    monkeypatch.delenv("DATABASE_URL")
    wiring.forget()
    assert service.http.get("/api/files/").status_code == 503
    monkeypatch.undo()


def test_without_storage_an_upload_is_503_and_its_row_says_so(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
    wiring.forget()
    answer = service.http.post("/api/upload/", **form("a", b"x"))
    assert (answer.status_code, json.loads(answer.body)["error"]) == (503, "storage_unavailable")
    file = the_only_file(service)
    assert (file["status"], file["processed"], file["uploaded_at"]) == ("awaiting_upload", False, None)
    content = service.http.get(f"/api/files/{file['id']}/content")
    assert (content.status_code, json.loads(content.body)["error"]) == (409, "not_uploaded")


def test_without_the_bucket_an_upload_is_503(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "no-such-bucket")
    wiring.forget()
    assert service.http.post("/api/upload/", **form("a", b"x")).status_code == 503


def test_without_storage_processing_is_tried_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    file = service.upload()
    with monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
        wiring.forget()
        with pytest.raises(Exception, match="storage_unavailable"):
            service.process(service.key(file))
        assert service.show(file["id"])["status"] == "uploaded"
    wiring.forget()
    service.process(service.key(file))
    assert service.show(file["id"])["status"] == "processed"


def test_without_storage_a_deleted_file_is_gone_and_its_object_later(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload()
    with monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
        wiring.forget()
        assert service.http.delete(f"/api/files/{file['id']}").status_code == 503
        assert service.http.get(f"/api/files/{file['id']}").status_code == 404
    wiring.forget()
    service.process(service.key(file))  # a late event doesn't bring it back
    assert service.http.get(f"/api/files/{file['id']}").status_code == 404
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert "Contents" not in service.s3.list_objects_v2(Bucket=service.bucket)
