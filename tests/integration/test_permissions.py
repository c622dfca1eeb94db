"""The S3 permissions in infra/policies.py are those that the functions use, so that policies can be checked."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

import app
from chalicelib import container
from chalicelib.adapters.oidc.bucket_keys import BucketKeys
from chalicelib.core.accounts.signing_keys import UnusableKeysError
from chalicelib.core.files.object_keys import SIGNING_KEYS_KEY
from chalicelib.core.storage import PresignedRequest
from infra import policies
from infra.app_functions import function_names
from infra.chalice_project import PROJECT_ROOT
from infra.permissions import Permission
from tests.database_access import connect_to
from tests.integration.conftest import Context, Service, created_event
from tests.integration.s3_observer import observe_operations
from tests.oidc.issuer_server import Issuer
from tests.processors.analyze import raise_version
from tests.samples import png

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def used(service: Service, monkeypatch: pytest.MonkeyPatch) -> set[Permission]:  # noqa: ARG001  # builds the storage anew
    """The permissions used since the set was last cleared. Presigning uses those that the URL needs."""
    permissions: set[Permission] = set()
    operations = {name.replace("_", ""): name for name in policies.S3_ACTIONS}

    def record(operation: str, key: str) -> None:
        permissions.add(policies.s3_permission(operations[operation.lower()], key))

    storage = container.storage()
    observe_operations(storage, record, monkeypatch)

    def sign(operation: str, key: str, *arguments: Any, **options: Any) -> PresignedRequest:
        permissions.add(policies.s3_permission(operation, key))
        return original(operation, key, *arguments, **options)

    original = storage._sign
    monkeypatch.setattr(storage, "_sign", sign)
    return permissions


def create_upload(service: Service, **fields: Any) -> str:
    """Return the path of a new upload that takes parts, unless the fields say otherwise."""
    body = {"name": "a", "size": 64 * 1024**2 + 1, **fields}
    response = service.http.post("/api/uploads", headers=JSON, body=json.dumps(body))
    assert response.status_code == 201
    return f"/api/uploads/{response.json_body['id']}"


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
    small, large = create_upload(service, size=1), create_upload(service)
    for path in (small, large):
        assert service.get(path)[0] == 200
        assert service.http.post(f"{path}/complete", headers=JSON, body="{}").status_code == 409
    parts = [{"number": number, "etag": "0" * 32} for number in range(1, 6)]
    completed = service.http.post(f"{large}/complete", headers=JSON, body=json.dumps({"parts": parts}))
    assert completed.status_code == 409, "S3 has none of the parts"
    assert service.http.post(f"{large}/parts", headers=JSON, body='{"numbers": [5]}').status_code == 200
    for path in (small, large):
        assert service.http.delete(path).status_code == 204
    with pytest.raises(UnusableKeysError):
        BucketKeys(container.storage(), SIGNING_KEYS_KEY).fetch()  # as a JWT makes them do
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


def test_permissions_of_scan_results(
    service: Service, used: set[Permission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(container, "scans_in_bucket", lambda: True)
    file = service.upload("infected.png", png())
    service.process(service.key(file))
    used.clear()
    service.handle_scan_result(service.key(file), "THREATS_FOUND")
    service.handle_scan_result(
        "uploads/unknown", "NO_THREATS_FOUND", etag="x"
    )  # it asks whether there is a bucket
    assert used == policies.s3_permissions("handle_scan_result")


def test_permissions_of_the_sweep(
    service: Service, used: set[Permission], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file whose event was lost, one whose bytes never came, multipart uploads that were left with all parts and
    with none, what is left of a deleted one, a thumbnail that belongs to none, and a file without a verdict."""
    monkeypatch.setattr(container, "scans_in_bucket", lambda: True)
    service.process(service.key(service.upload("unscanned")))
    service.upload("lost.png", png())
    absent = service.upload("absent")
    service.s3.delete_object(Bucket=service.bucket, Key=service.key(absent))
    deleted = service.upload("deleted")
    service.http.delete(f"/api/files/{deleted['id']}")
    service.put(f"derived/{deleted['id']}/1/thumbnail.webp", b"x")
    create_upload(service, name="abandoned")
    create_upload(service, name="complete")
    with connect_to(container.database()) as connection:
        connection.execute(text("UPDATE files SET status_since = now() - interval '1 hour'"))
        connection.execute(
            text("UPDATE files SET processed_at = now() - interval '1 hour' WHERE name = 'unscanned'")
        )
        connection.execute(
            text("UPDATE files SET status = 'awaiting_upload', expires_at = now() WHERE name = 'absent'")
        )
        connection.execute(text("UPDATE files SET check_at = now() WHERE multipart_upload_id IS NOT NULL"))
        connection.execute(
            text("UPDATE files SET size = NULL, part_size = NULL, expires_at = now() WHERE name = 'abandoned'")
        )
        [upload] = connection.execute(
            text("UPDATE files SET size = 1, part_size = 1 WHERE name = 'complete' RETURNING *")
        )
        connection.execute(text("UPDATE tombstones SET cleared_at = NULL, deleted_at = now() - interval '1 hour'"))
    part = {"Bucket": service.bucket, "Key": upload.object_key, "UploadId": upload.multipart_upload_id}
    service.s3.upload_part(**part, PartNumber=1, Body=b"x")
    used.clear()
    service.sweep()
    assert "Uploads" not in service.s3.list_multipart_uploads(Bucket=service.bucket)
    assert used == policies.s3_permissions("sweep")


def test_permissions_of_fetching_signing_keys(issuer: Issuer, service: Service, used: set[Permission]) -> None:
    app.fetch_signing_keys({}, Context())
    assert service.s3.get_object(Bucket=service.bucket, Key=SIGNING_KEYS_KEY)["Body"].read()
    assert issuer.paths
    assert used == policies.s3_permissions("fetch_signing_keys")


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
    assert app.manage({"action": "list_tokens"}, Context()) == []
    assert used == policies.s3_permissions("manage")


def test_every_called_method_is_a_function_s() -> None:
    """The functions of this module need not make every call."""
    modules = [path for layer in ("core", "http") for path in (PROJECT_ROOT / "chalicelib" / layer).rglob("*.py")]
    called = {name for path in modules for name in re.findall(r"storage\.(\w+)\(", path.read_text())}
    known = {
        method
        for methods_by_prefix in policies.STORAGE_METHODS.values()
        for methods in methods_by_prefix.values()
        for method in methods
    }
    assert called - known == set()


def test_every_function_is_compared_in_this_module() -> None:
    compared = re.findall(r'== policies\.s3_permissions\("(\w+)"\)', Path(__file__).read_text())
    assert set(compared) == set(function_names())
