"""The S3 permissions in infra/policies.py are those that the functions use, so that policies can be checked."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import app
from chalicelib import container
from chalicelib.core.storage import PresignedRequest
from infra import policies
from infra.app_functions import function_names
from infra.permissions import Permission
from tests.integration.conftest import Context, Service, created_event
from tests.processors.analyze import raise_version
from tests.samples import png


@pytest.fixture
def used(service: Service, monkeypatch: pytest.MonkeyPatch) -> set[Permission]:  # noqa: ARG001  # builds the storage anew
    """The permissions used since the set was last cleared. Presigning uses those that the URL needs."""
    permissions: set[Permission] = set()
    operations = {name.replace("_", ""): name for name in policies.S3_ACTIONS}

    def record(event_name: str, params: dict[str, Any], **_: Any) -> None:
        operation = operations[event_name.rpartition(".")[2].lower()]
        permissions.add(policies.s3_permission(operation, params.get("Key", "")))

    storage = container.storage()
    for client in (storage._client, storage._probe):
        client.meta.events.register("provide-client-params.s3", record)

    def sign(operation: str, key: str, *arguments: Any, **options: Any) -> PresignedRequest:
        permissions.add(policies.s3_permission(operation, key))
        return original(operation, key, *arguments, **options)

    original = storage._sign
    monkeypatch.setattr(storage, "_sign", sign)
    return permissions


def test_permissions_of_the_routes(service: Service, used: set[Permission]) -> None:
    file = service.upload("a.png", png())
    service.process(service.key(file))
    used.clear()
    service.upload()
    service.show(file["id"])
    for part in ("content", "thumbnail"):
        assert service.http.get(f"/api/files/{file['id']}/{part}").status_code == 302
    assert service.get("/api/health")[0] == 200
    assert service.http.delete(f"/api/files/{file['id']}").status_code == 204
    assert used == policies.s3_permissions("api_handler")


def test_permissions_of_processing(service: Service, used: set[Permission]) -> None:
    file = service.upload("a.png", png())
    service.s3.put_object(Bucket=service.bucket, Key="uploads/foreign", Body=b"x")
    used.clear()
    service.process(service.key(file), "uploads/foreign", "uploads/gone already")
    service.deliver(service.put(service.key(file), png(3, 3)))  # another thumbnail takes the place of the first
    service.http.delete(f"/api/files/{file['id']}")
    service.process(service.key(file))  # it came after its file was deleted
    assert used == policies.s3_permissions("process_upload")


def test_permissions_of_dead_letters(service: Service, used: set[Permission]) -> None:
    file = service.upload()
    used.clear()
    service.handle_dead_letters(json.dumps(created_event(service.key(file), "uploads/unknown")))
    assert used == policies.s3_permissions("handle_dead_letters")


def test_permissions_of_the_sweep(service: Service, used: set[Permission]) -> None:
    """A file whose event was lost, one whose bytes never came, what is left of a deleted one, and a thumbnail that
    belongs to none."""
    service.upload("lost.png", png())
    absent = service.upload("absent")
    service.s3.delete_object(Bucket=service.bucket, Key=service.key(absent))
    deleted = service.upload("deleted")
    service.http.delete(f"/api/files/{deleted['id']}")
    service.put(f"derived/{deleted['id']}/1/thumbnail.webp", b"x")
    with container.database().engine.connect() as connection:
        connection.execute(text("UPDATE files SET status_since = now() - interval '1 hour'"))
        connection.execute(
            text("UPDATE files SET status = 'awaiting_upload', expires_at = now() WHERE name = 'absent'")
        )
        connection.execute(text("UPDATE tombstones SET cleared_at = NULL, deleted_at = now() - interval '1 hour'"))
    used.clear()
    service.sweep()
    assert used == policies.s3_permissions("sweep")


def test_permissions_of_administration_functions(
    service: Service, used: set[Permission], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload("a.png", png())
    service.process(service.key(file))
    used.clear()
    raise_version(monkeypatch, "image")
    assert app.mark_files_for_reprocessing({}, Context())["marked"] == 1
    assert used == policies.s3_permissions("mark_files_for_reprocessing")
    app.migrate({}, Context())
    assert used == policies.s3_permissions("migrate")


def test_every_function_is_compared_in_this_module() -> None:
    compared = re.findall(r'== policies\.s3_permissions\("(\w+)"\)', Path(__file__).read_text())
    assert set(compared) == set(function_names())
