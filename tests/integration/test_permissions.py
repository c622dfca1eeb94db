"""What the functions ask of S3 is what infra/policies.py says, so that their policies can be checked."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from chalicelib import wiring
from infra import policies
from tests.integration.conftest import Service, created_event


@pytest.fixture
def asked(service: Service) -> set[str]:  # noqa: ARG001  # builds the storage anew
    """The actions that were needed since it was last cleared. Presigning needs what the URL does."""
    actions: set[str] = set()
    operations = {name.replace("_", ""): action for name, action in policies.ACTIONS.items()}

    def note(event_name: str, **_: Any) -> None:
        actions.add(operations[event_name.rpartition(".")[2].lower()])

    wiring.storage()._client.meta.events.register("provide-client-params.s3", note)
    return actions


def test_the_routes(service: Service, asked: set[str]) -> None:
    file = service.upload()
    service.show(file["id"])
    assert service.http.get(f"/api/files/{file['id']}/content").status_code == 302
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert asked == policies.needed("api_handler")


def test_processing(service: Service, asked: set[str]) -> None:
    file = service.upload()
    service.s3.put_object(Bucket=service.bucket, Key="uploads/foreign", Body=b"x")
    asked.clear()
    service.process(service.key(file), "uploads/foreign", "uploads/gone already")
    service.http.delete(f"/api/files/{file['id']}")
    service.process(service.key(file))  # it came after its file was deleted
    assert asked == policies.needed("process_upload")


def test_dead_letters(service: Service, asked: set[str]) -> None:
    file = service.upload()
    asked.clear()
    service.take_dead_letters(json.dumps(created_event(service.key(file), "uploads/unknown")))
    assert asked == policies.needed("take_dead_letters")


def test_the_sweep(service: Service, asked: set[str]) -> None:
    """A file whose event was lost, one whose bytes never came, and what is left of a deleted one."""
    service.upload("lost")
    absent = service.upload("absent")
    service.s3.delete_object(Bucket=service.bucket, Key=service.key(absent))
    deleted = service.upload("deleted")
    service.http.delete(f"/api/files/{deleted['id']}")
    with wiring.database().engine.connect() as connection:
        connection.execute(text("UPDATE files SET status_since = now() - interval '1 hour'"))
        connection.execute(
            text("UPDATE files SET status = 'awaiting_upload', expires_at = now() WHERE name = 'absent'")
        )
        connection.execute(text("UPDATE tombstones SET cleared_at = NULL, deleted_at = now() - interval '1 hour'"))
    asked.clear()
    service.sweep()
    assert asked == policies.needed("sweep")
