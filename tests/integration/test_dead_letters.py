"""Dead letters with a real database, and the sweep after them."""

import json
from typing import Any

import pytest
from sqlalchemy import make_url

from chalicelib import container
from chalicelib.core.errors import ServiceError
from tests.integration.conftest import EVENTS, Service, created_event


def record(key: str) -> str:
    """Return the record that Lambda sends when its retries of that object's event are exhausted."""
    recorded: dict[str, Any] = json.loads((EVENTS / "dead-letter.json").read_text())
    return json.dumps(recorded | {"requestPayload": created_event(key)})


def test_next_sweep_processes_the_file_of_a_dead_letter(service: Service) -> None:
    failed, fresh = service.upload("a b+ü.txt"), service.upload("fresh.txt")
    service.sweep()
    assert service.show(failed["id"])["status"] == "uploaded"  # it has waited for less than half a minute
    service.handle_dead_letters(record(service.key(failed)))
    assert service.timeline(failed["id"]) == ["announced", "stored", "dead_letter"]
    service.sweep()
    assert service.show(failed["id"])["status"] == "processed"
    assert service.show(fresh["id"])["status"] == "uploaded"


def test_invalid_dead_letter_does_not_block_the_batch(service: Service) -> None:
    first, second = service.upload("first.txt"), service.upload("second.txt")
    test_event = (EVENTS / "test-event.json").read_text()
    without_row, impossible = record("uploads/unknown"), record("uploads/a\0b")  # PostgreSQL can't hold it
    bare = json.dumps(created_event(service.key(second)))
    service.handle_dead_letters("{", test_event, without_row, impossible, record(service.key(first)), bare)
    service.sweep()
    assert [service.show(file["id"])["status"] for file in (first, second)] == ["processed"] * 2
    assert len(json.loads(service.http.get("/api/files/").body)) == 2


def test_dead_letters_stay_in_the_queue_without_the_database(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service.key(service.upload())
    nowhere = make_url(container.settings().database_url).set(query={"host": "/nowhere"})
    monkeypatch.setenv("DATABASE_URL", nowhere.render_as_string(hide_password=False))
    container.reset()
    with pytest.raises(ServiceError, match="database_unavailable"):
        service.handle_dead_letters(record(key))
