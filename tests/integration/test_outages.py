"""Outages of PostgreSQL and S3: the response is 503 or a retry succeeds, and no status is wrong."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from chalicelib import container
from chalicelib.adapters.s3 import S3Storage, timeouts
from chalicelib.adapters.s3.timeouts import Timeouts
from chalicelib.core.errors import ServiceError
from chalicelib.core.storage import ObjectRange
from emulator.postgres import APP_ROLE
from tests.database_access import connect_to_url
from tests.integration.conftest import Service, form
from tests.integration.ministack_proxy import MiniStackProxy, proxy_to
from tests.samples import png

NOBODY_LISTENS = "http://127.0.0.1:9"


def cut_all_connections(database_url: str) -> None:
    """Close all connections, as a restart or a failover does."""
    with connect_to_url(database_url) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        )


def the_only_file(service: Service) -> dict[str, Any]:
    [file] = json.loads(service.http.get("/api/files/").body)
    assert isinstance(file, dict)
    return file


def test_dropped_database_connection_is_retried(service: Service, database_url: str) -> None:
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


def test_long_statement_is_cancelled(service: Service) -> None:
    service.upload()
    assert container.database().read("SHOW statement_timeout")[0].statement_timeout == "10s"


def test_every_route_returns_503_without_a_database(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    file = service.upload()
    container.database().close()
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    container.reset()
    responses = [
        service.http.post("/api/upload/", **form("a", b"x")),
        service.http.get("/api/files/"),
        service.http.get(f"/api/files/{file['id']}"),
        service.http.get(f"/api/files/{file['id']}/content"),
        service.http.delete(f"/api/files/{file['id']}"),
    ]
    assert [response.status_code for response in responses] == [503] * 5
    assert {json.loads(response.body)["error"] for response in responses} == {"database_unavailable"}
    objects = service.s3.list_objects_v2(Bucket=service.bucket).get("Contents", [])
    assert len(objects) == 1, "an object was put although no row could be written"


def test_route_returns_503_without_a_database_url(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    container.database().close()
    monkeypatch.delenv("DATABASE_URL")
    container.reset()
    assert service.http.get("/api/files/").status_code == 503
    monkeypatch.undo()


def test_upload_returns_503_without_storage_and_awaits_upload(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
    container.reset()
    response = service.http.post("/api/upload/", **form("a", b"x"))
    assert (response.status_code, json.loads(response.body)["error"]) == (503, "storage_unavailable")
    file = the_only_file(service)
    assert (file["status"], file["processed"], file["uploaded_at"]) == ("awaiting_upload", False, None)
    content = service.http.get(f"/api/files/{file['id']}/content")
    assert (content.status_code, json.loads(content.body)["error"]) == (409, "not_uploaded")


def test_upload_returns_503_without_the_bucket(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "no-such-bucket")
    container.reset()
    assert service.http.post("/api/upload/", **form("a", b"x")).status_code == 503


def test_processing_without_storage_is_retried(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    file = service.upload()
    with monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
        container.reset()
        with pytest.raises(Exception, match="storage_unavailable"):
            service.process(service.key(file))
        assert service.show(file["id"])["status"] == "uploaded"
    container.reset()
    service.process(service.key(file))
    assert service.show(file["id"])["status"] == "processed"


def test_object_of_deleted_file_is_deleted_after_a_storage_outage(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload()
    with monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", NOBODY_LISTENS)
        container.reset()
        assert service.http.delete(f"/api/files/{file['id']}").status_code == 503
        assert service.http.get(f"/api/files/{file['id']}").status_code == 404
    container.reset()
    service.process(service.key(file))  # a late event doesn't bring it back
    assert service.http.get(f"/api/files/{file['id']}").status_code == 404
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert "Contents" not in service.s3.list_objects_v2(Bucket=service.bucket)


ERRORS = [500, 503, 0]
"""InternalError, SlowDown, and a broken connection."""


@pytest.fixture
def proxy(
    service: Service,  # noqa: ARG001  # whose settings are changed
    ministack_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MiniStackProxy]:
    """Let the service reach S3 through a proxy that can fail."""
    with proxy_to(ministack_url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        container.reset()
        yield proxy


@pytest.mark.slow(1.5)
@pytest.mark.parametrize("error", ERRORS)
def test_single_s3_error_is_retried(service: Service, proxy: MiniStackProxy, error: int) -> None:
    proxy.errors = [error]
    file = service.upload()
    proxy.errors = [error]
    service.process(service.key(file))
    done = service.show(file["id"])
    assert (done["status"], done["attempts"]) == ("processed", 1)


@pytest.mark.slow(2)
@pytest.mark.parametrize("error", ERRORS)
def test_files_wait_during_an_s3_outage(service: Service, proxy: MiniStackProxy, error: int) -> None:
    file = service.upload()
    proxy.errors = [error] * 2
    with pytest.raises(ServiceError, match="storage_unavailable"):
        service.process(service.key(file))
    assert service.show(file["id"])["status"] == "uploaded"
    proxy.errors = [error] * 2
    response = service.http.post("/api/upload/", **form("b", b"x"))
    assert (response.status_code, json.loads(response.body)["error"]) == (503, "storage_unavailable")
    proxy.errors = [error]
    assert service.get("/api/health")[1]["storage"] == "unavailable"
    assert proxy.errors == []
    service.process(service.key(file))
    assert service.show(file["id"])["status"] == "processed"
    assert service.timeline(file["id"])[-3:] == ["retried", "claimed", "finished"]


def test_upload_to_a_full_storage_returns_507_and_leaves_nothing(service: Service, proxy: MiniStackProxy) -> None:
    proxy.errors = [507, 500]
    response = service.http.post("/api/upload/", **form("a", b"x"))
    assert (response.status_code, json.loads(response.body)["error"]) == (507, "insufficient_storage")
    assert proxy.errors == [500], "it was retried, although no space comes back within a second"
    assert json.loads(service.http.get("/api/files/").body) == []


def test_files_wait_for_their_thumbnails_while_the_storage_is_full(
    service: Service, proxy: MiniStackProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload("a.png", png())
    put = S3Storage.put

    def put_into_full_storage(storage: S3Storage, *arguments: Any) -> str:
        proxy.errors = [507]
        return put(storage, *arguments)

    with monkeypatch.context() as full:
        full.setattr(S3Storage, "put", put_into_full_storage)
        with pytest.raises(ServiceError, match="insufficient_storage"):
            service.process(service.key(file))
    assert service.show(file["id"])["status"] == "uploaded"
    service.process(service.key(file))
    assert service.show(file["id"])["thumbnail"] is not None


def test_upload_to_a_full_database_returns_507(service: Service, owner_database_url: str) -> None:
    """PostgreSQL raises this error when its data files can't grow."""
    with connect_to_url(owner_database_url) as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER full_disk BEFORE INSERT ON files FOR EACH ROW EXECUTE FUNCTION fail()"
        )
        response = service.http.post("/api/upload/", **form("a", b"x"))
        assert (response.status_code, json.loads(response.body)["error"]) == (507, "insufficient_storage")
        assert "Contents" not in service.s3.list_objects_v2(Bucket=service.bucket)
        connection.exec_driver_sql("DROP TRIGGER full_disk ON files")
    service.upload()


def test_a_database_that_can_only_be_read_is_unavailable_to_uploads(
    service: Service, owner_database_url: str
) -> None:
    with connect_to_url(owner_database_url) as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        container.database().close()
        response = service.http.post("/api/upload/", **form("a", b"x"))
        assert (response.status_code, json.loads(response.body)["error"]) == (503, "database_unavailable")
        assert service.get("/api/files/") == (200, [])
        connection.exec_driver_sql("SET default_transaction_read_only = off")
        connection.exec_driver_sql(f"ALTER DATABASE {name} RESET default_transaction_read_only")
    container.database().close()
    service.upload()


def test_slow_s3_counts_as_unavailable(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    file = service.upload()
    monkeypatch.setattr(timeouts, "OF_REQUESTS", Timeouts(connect=3, read=0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and says nothing
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        container.reset()
        with pytest.raises(ServiceError, match="storage_unavailable"):
            service.process(service.key(file))
    assert service.show(file["id"])["status"] == "uploaded"


def test_connection_limit_returns_503_and_loses_no_file(
    service: Service, database_url: str, owner_database_url: str
) -> None:
    """As when more functions run than the database accepts connections."""
    file = service.upload()
    limited_url = make_url(database_url).set(username="limited").render_as_string(hide_password=False)
    with connect_to_url(owner_database_url) as administrator, pytest.MonkeyPatch.context() as limited:
        administrator.execute(text(f"CREATE ROLE limited LOGIN CONNECTION LIMIT 1 IN ROLE {APP_ROLE}"))
        limited.setenv("DATABASE_URL", limited_url)
        container.reset()
        held = create_engine(limited_url, poolclass=NullPool).connect()
        assert service.http.post("/api/upload/", **form("b", b"x")).status_code == 503
        assert service.get("/api/health")[1]["database"] == "unavailable"
        with pytest.raises(ServiceError, match="database_unavailable"):
            service.process(service.key(file))
        # Closing a connection would not do: PostgreSQL counts it until its process has ended.
        administrator.execute(text("ALTER ROLE limited CONNECTION LIMIT -1"))
        service.process(service.key(file))
        assert service.show(file["id"])["status"] == "processed"
        held.close()
        container.database().close()
        administrator.execute(text("DROP ROLE limited"))
    container.reset()


def test_restart_of_postgres_loses_no_file(
    service: Service, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """Restart between claim and finish."""
    file = service.upload()
    read = S3Storage.read

    def cut_off(storage: S3Storage, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        cut_all_connections(database_url)
        return read(storage, key, start, length, etag)

    monkeypatch.setattr(S3Storage, "read", cut_off)
    service.process(service.key(file))
    assert service.show(file["id"])["status"] == "processed"
    assert service.timeline(file["id"]) == ["announced", "stored", "claimed", "finished"]
