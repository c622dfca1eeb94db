"""Reprocessing files that an older processor has processed."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

import app
from chalicelib import container
from chalicelib.core.errors import STORAGE_UNAVAILABLE, ServiceError
from chalicelib.core.processing import mark_for_reprocessing
from chalicelib.core.processing.analysis import MAX_ATTEMPTS
from chalicelib.processors.registry import versions
from tests.database_access import connect_to
from tests.integration.conftest import Context, Service
from tests.processors.analyze import raise_version
from tests.samples import png


def mark(**event: Any) -> dict[str, Any]:
    response: dict[str, Any] = app.mark_files_for_reprocessing(event, Context())
    return response


def processed(service: Service, name: str, content: bytes) -> dict[str, Any]:
    file = service.upload(name, content)
    service.process(service.key(file))
    return service.show(file["id"])


def test_only_files_of_an_older_processor_are_reprocessed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, text = processed(service, "a.png", png()), processed(service, "a.txt", b"hello")
    unprocessed = service.upload("b.png", png())
    assert mark() == {"marked": 0, "after": None}
    raise_version(monkeypatch, "image")
    assert mark() == {"marked": 1, "after": None}
    assert service.show(picture["id"]) == picture  # until its turn comes it stays as it is
    service.sweep()
    again = service.show(picture["id"])
    assert again["result"]["image"]["version"] == versions()["image"]
    assert (again["status"], again["attempts"], again["thumbnail"]) == ("processed", 2, picture["thumbnail"])
    assert service.show(text["id"]) == text
    assert service.show(unprocessed["id"])["status"] == "uploaded"
    assert mark() == {"marked": 0, "after": None}
    service.sweep()
    assert service.show(picture["id"]) == again


def test_file_that_failed_in_an_older_processor_is_reprocessed(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = processed(service, "a.png", png()[:20])
    assert (failed["status"], failed["types"]["detected"]) == ("failed", "image/png")
    assert failed["result"] == {"image": {"version": versions()["image"]}}
    raise_version(monkeypatch, "image")
    assert mark() == {"marked": 1, "after": None}
    service.sweep()
    again = service.show(failed["id"])
    assert (again["status"], again["attempts"]) == ("failed", 2)
    assert mark() == {"marked": 0, "after": None}


def test_a_file_whose_result_is_null_in_json_is_examined(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The code before stored the result of a failure without an analysis so."""
    failed, old = processed(service, "a.txt", b"hello"), processed(service, "a.png", png())
    container.database().execute(
        "UPDATE files SET status = 'failed', result = 'null', detected_type = NULL WHERE id = %(id)s::uuid",
        {"id": failed["id"]},
    )
    raise_version(monkeypatch, "image")
    assert mark() == {"marked": 1, "after": None}
    assert [file.id for file in container.reprocess_queue().next_batch(9)] == [UUID(old["id"])]


class KilledError(BaseException):
    """Isn't caught by the service, like SIGKILL."""


def kill(*_: object) -> None:
    raise KilledError


def fail(*_: object) -> None:
    raise ServiceError(STORAGE_UNAVAILABLE)


def marked_file(
    service: Service, monkeypatch: pytest.MonkeyPatch, processor: Callable[..., None]
) -> dict[str, Any]:
    """Return a marked file whose new processor does this."""
    picture = processed(service, "a.png", png())
    raise_version(monkeypatch, "image")
    mark()
    monkeypatch.setattr("chalicelib.processors.registry.run_sandboxed", processor)
    return picture


def expire_leases() -> None:
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql(
            "UPDATE files SET lease_until = now() - interval '1 s' WHERE status = 'processing'"
        )
        connection.exec_driver_sql("UPDATE files SET status_since = now() - interval '10 days'")


def test_marked_file_that_crashes_its_worker_is_finished_without_processor(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = marked_file(service, monkeypatch, processor=kill)
    for _ in range(3):
        with pytest.raises(KilledError):
            service.sweep()
        expire_leases()
    service.sweep()
    done = service.show(picture["id"])
    assert (done["status"], done["attempts"]) == ("processed", 5)
    assert done["result"] == {"image": {"version": versions()["image"], "skipped": "worker_crashes"}}
    service.sweep()
    assert service.show(picture["id"]) == done


def test_marked_file_that_always_fails_exhausts_its_attempts(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = marked_file(service, monkeypatch, processor=fail)
    for _ in range(MAX_ATTEMPTS + 3):
        service.sweep()
        expire_leases()
    done = service.show(picture["id"])
    assert (done["status"], done["error"]["code"], done["attempts"]) == (
        "failed",
        "attempts_exhausted",
        1 + MAX_ATTEMPTS,
    )


def test_marking_continues_where_its_time_ran_out(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [processed(service, f"{number}.png", png()) for number in range(5)]
    raise_version(monkeypatch, "image")
    monkeypatch.setattr(mark_for_reprocessing, "BATCH", 2)
    batches = iter([60_000, 1_000])
    with monkeypatch.context() as hurried:
        hurried.setattr(Context, "get_remaining_time_in_millis", lambda _: next(batches))
        first = mark()
    assert first == {"marked": 2, "after": files[1]["id"]}
    assert mark(after=first["after"]) == {"marked": 3, "after": None}


def test_due_files_come_before_marked_files(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    old = processed(service, "a.png", png())
    raise_version(monkeypatch, "image")
    mark()
    new = service.upload("b.png", png())
    with connect_to(container.database()) as connection:
        connection.exec_driver_sql(
            "UPDATE files SET status_since = now() - interval '1 hour' WHERE status = 'uploaded'"
        )
    service.sweep()
    changes = json.loads(service.http.get("/api/changes").body)
    ends = [change["id"] for change in changes if change["type"] == "finished"]
    assert ends == [old["id"], new["id"], old["id"]]


def test_invalid_after_is_refused(service: Service) -> None:  # noqa: ARG001  # the settings
    with pytest.raises(ValueError, match="`after` must be the id"):
        mark(after="nonsense")
