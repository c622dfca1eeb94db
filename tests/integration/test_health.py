"""The health check of the real database and storage."""

import socket
import time

import pytest

from chalicelib import container
from chalicelib.adapters.s3 import timeouts
from tests.database_access import connect_to
from tests.integration.conftest import Service
from tests.integration.ministack_proxy import proxy_to

REFUSES_CONNECTIONS = "http://127.0.0.1:9"


def test_a_healthy_service_returns_200_and_every_component(service: Service) -> None:
    service.upload()
    status, health = service.get("/api/health")
    assert status == 200
    assert 0 <= health.pop("oldest_queued_age_seconds") < 60
    assert health == {"status": "ok", "database": "ok", "storage": "ok", "processing": "ok"}


def test_unreachable_storage_is_unhealthy(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", REFUSES_CONNECTIONS)
        container.reset()
        status, health = service.get("/api/health")
    container.reset()
    assert (status, health["error"], health["database"], health["storage"]) == (
        503,
        "unhealthy",
        "ok",
        "unavailable",
    )
    assert health["message"] == "The service is unhealthy: storage is unavailable."
    assert health["requestId"]
    assert service.get("/api/health")[0] == 200


def test_a_full_storage_is_unhealthy(
    service: Service, ministack_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with proxy_to(ministack_url) as proxy, monkeypatch.context() as full:
        full.setenv("AWS_ENDPOINT_URL", proxy.url)
        container.reset()
        proxy.errors = [507]
        status, health = service.get("/api/health")
        assert (status, health["storage"], health["database"]) == (503, "full", "ok")
        assert health["message"] == "The service is unhealthy: storage is full."
        assert service.get("/api/health")[0] == 200
    container.reset()


def test_a_missing_bucket_is_unhealthy(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUCKET", "no-such-bucket")
    container.reset()
    assert service.get("/api/health")[1]["storage"] == "unavailable"


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:9/nothing", ""])
def test_an_unreachable_database_is_unhealthy(service: Service, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    container.database().close()
    monkeypatch.setenv("DATABASE_URL", url)
    container.reset()
    status, health = service.get("/api/health")
    assert (status, health["database"], health["processing"]) == (503, "unavailable", "unavailable")
    assert health["storage"] == "ok"


def test_a_file_queued_for_too_long_is_unhealthy(service: Service) -> None:
    file = service.upload()
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql("UPDATE files SET queued_at = queued_at - interval '16 minutes'")
    status, health = service.get("/api/health")
    assert (status, health["processing"]) == (503, "degraded")
    assert health["oldest_queued_age_seconds"] > 900
    service.process(service.key(file))
    assert service.get("/api/health")[0] == 200


@pytest.mark.slow(4)
def test_the_health_check_of_a_storage_that_does_not_respond_times_out(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent, monkeypatch.context() as failing:
        failing.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        container.reset()
        container.warm_up()  # building the clients isn't what is measured
        start = time.monotonic()
        assert service.get("/api/health")[0] == 503
        assert time.monotonic() - start < 2 * timeouts.OF_PROBES.read
    container.reset()


def test_the_queue_age_of_a_row_without_queued_at_is_that_of_its_upload(service: Service) -> None:
    service.upload()
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql(
            "UPDATE files SET queued_at = NULL, uploaded_at = uploaded_at - interval '1 hour'"
        )
    assert service.get("/api/health")[1]["oldest_queued_age_seconds"] > 3600
