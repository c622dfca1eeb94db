"""What the functions ask of S3 is what infra/policies.py says, so that their policies can be checked."""

import json
from typing import Any

import pytest
from sqlalchemy import text

import app
from chalicelib import wiring
from infra import policies
from infra.permissions import Permission
from tests.integration.conftest import Context, Service, created_event
from tests.processors.analyze import raise_version
from tests.samples import png


@pytest.fixture
def asked(service: Service) -> set[Permission]:  # noqa: ARG001  # builds the storage anew
    """What was needed since it was last cleared. Presigning needs what the URL does."""
    needed: set[Permission] = set()
    operations = {name.replace("_", ""): name for name in policies.S3_ACTIONS}

    def note(event_name: str, params: dict[str, Any], **_: Any) -> None:
        operation = operations[event_name.rpartition(".")[2].lower()]
        needed.add(policies.s3_permission(operation, params.get("Key", "")))

    storage = wiring.storage()
    for client in (storage._client, storage._probe):
        client.meta.events.register("provide-client-params.s3", note)
    return needed


def test_the_routes(service: Service, asked: set[Permission]) -> None:
    file = service.upload("a.png", png())
    service.process(service.key(file))
    asked.clear()
    service.upload()
    service.show(file["id"])
    for part in ("content", "thumbnail"):
        assert service.http.get(f"/api/files/{file['id']}/{part}").status_code == 302
    assert service.get("/api/health")[0] == 200
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert asked == policies.s3_permissions("api_handler")


def test_processing(service: Service, asked: set[Permission]) -> None:
    file = service.upload("a.png", png())
    service.s3.put_object(Bucket=service.bucket, Key="uploads/foreign", Body=b"x")
    asked.clear()
    service.process(service.key(file), "uploads/foreign", "uploads/gone already")
    service.hear(service.put(service.key(file), png(3, 3)))  # another thumbnail takes the place of the first
    service.http.delete(f"/api/files/{file['id']}")
    service.process(service.key(file))  # it came after its file was deleted
    assert asked == policies.s3_permissions("process_upload")


def test_dead_letters(service: Service, asked: set[Permission]) -> None:
    file = service.upload()
    asked.clear()
    service.handle_dead_letters(json.dumps(created_event(service.key(file), "uploads/unknown")))
    assert asked == policies.s3_permissions("handle_dead_letters")


def test_the_sweep(service: Service, asked: set[Permission]) -> None:
    """A file whose event was lost, one whose bytes never came, what is left of a deleted one, and a thumbnail that
    belongs to none."""
    service.upload("lost.png", png())
    absent = service.upload("absent")
    service.s3.delete_object(Bucket=service.bucket, Key=service.key(absent))
    deleted = service.upload("deleted")
    service.http.delete(f"/api/files/{deleted['id']}")
    service.put(f"derived/{deleted['id']}/1/thumbnail.webp", b"x")
    with wiring.database().engine.connect() as connection:
        connection.execute(text("UPDATE files SET status_since = now() - interval '1 hour'"))
        connection.execute(
            text("UPDATE files SET status = 'awaiting_upload', expires_at = now() WHERE name = 'absent'")
        )
        connection.execute(text("UPDATE tombstones SET cleared_at = NULL, deleted_at = now() - interval '1 hour'"))
    asked.clear()
    service.sweep()
    assert asked == policies.s3_permissions("sweep")


def test_what_an_administrator_invokes(
    service: Service, asked: set[Permission], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload("a.png", png())
    service.process(service.key(file))
    asked.clear()
    raise_version(monkeypatch, "image")
    assert app.mark_files_for_reprocessing({}, Context())["marked"] == 1
    assert asked == policies.s3_permissions("mark_files_for_reprocessing")
    app.migrate({}, Context())
    assert asked == policies.s3_permissions("migrate")
