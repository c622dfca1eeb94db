"""The app itself on a database and a bucket of the test's own, without HTTP and without the emulator's wiring."""

import fcntl
import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from chalice.test import Client, HTTPResponse

import app as chalice_app
from chalicelib import container
from infra.packaging.build import build_package
from infra.packaging.dependencies import WHEEL_MACHINES
from tests.integration.costs import Costs, count_costs
from tests.oidc.issuer_server import Issuer, running_issuer
from tests.oidc.tokens import AUDIENCE
from tests.s3_client import s3_client

ROOT = Path(__file__).parents[2]

GLIBC = 34
"""Of Lambda's newer runtimes. Given here because the tests also run on Python 3.11, whose runtime has an older one
that the pinned wheels don't take."""

NATIVE = next((name for name, machine in WHEEL_MACHINES.items() if machine == platform.machine()), "x86_64")

OTHER = next(name for name in WHEEL_MACHINES if name != NATIVE)

Package = Callable[[str], Path]
"""Returns the package for an architecture."""

BOUNDARY = "boundary"

EVENTS = Path(__file__).parents[1] / "events"


class Context:
    """Lambda's, with a minute left."""

    aws_request_id = "00000000-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def form(name: str, content: bytes, media_type: str = "text/plain") -> dict[str, Any]:
    """Return the headers and body of an upload's request."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    )
    return {
        "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
        "body": head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode(),
    }


def created_event(*keys: str, **details: Any) -> dict[str, Any]:
    """Return S3's event for these objects, with more details of them (`eTag`, `size`, `sequencer`)."""
    return {
        "Records": [
            {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": quote_plus(key, safe="/"), **details}}}
            for key in keys
        ]
    }


@dataclass
class Service:
    """Calls routes and functions."""

    http: Any
    bucket: str
    s3: Any
    sequencers: Iterator[int] = field(default_factory=lambda: count(1))

    def upload(self, name: str = "a.txt", content: bytes = b"hello\n") -> dict[str, Any]:
        response: HTTPResponse = self.http.post("/api/upload/", **form(name, content))
        assert response.status_code == 201, response.body
        file: dict[str, Any] = json.loads(response.body)
        return file

    def show(self, file_id: str) -> dict[str, Any]:
        response: HTTPResponse = self.http.get(f"/api/files/{file_id}")
        assert response.status_code == 200, response.body
        file: dict[str, Any] = json.loads(response.body)
        return file

    def key(self, file: dict[str, Any]) -> str:
        return f"uploads/{file['id']}/{file['name']}"

    def process(self, *keys: str) -> None:
        chalice_app.process_upload(created_event(*keys), Context())

    def put(self, key: str, content: bytes) -> dict[str, Any]:
        """Put an object as another tool does, and return the event that S3 sends."""
        etag = self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)["ETag"].strip('"')
        return created_event(key, eTag=etag, size=len(content), sequencer=f"{next(self.sequencers):018X}")

    def deliver(self, event: dict[str, Any]) -> None:
        chalice_app.process_upload(event, Context())

    def get(self, path: str, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of a response, None where it has no body."""
        response: HTTPResponse = self.http.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        return response.status_code, json.loads(response.body) if response.body else None

    def timeline(self, file_id: str) -> list[str]:
        """Return what happened to a file."""
        status, entries = self.get(f"/api/files/{file_id}/timeline")
        assert status == 200, entries
        return [entry["type"] for entry in entries]

    def handle_dead_letters(self, *bodies: str) -> None:
        records = [{"messageId": f"{n}", "receiptHandle": f"{n}", "body": body} for n, body in enumerate(bodies)]
        chalice_app.handle_dead_letters({"Records": records}, Context())

    def handle_scan_result(self, key: str, status: str, *, etag: str | None = None, **details: Any) -> None:
        """Deliver GuardDuty's event about an object, by default the present one."""
        if etag is None:
            etag = self.s3.head_object(Bucket=self.bucket, Key=key)["ETag"].strip('"')
        event = json.loads((EVENTS / "scan-result.json").read_text())
        event["detail"]["s3ObjectDetails"] |= {"bucketName": self.bucket, "objectKey": key, "eTag": etag}
        event["detail"]["scanResultDetails"] |= {"scanResultStatus": status}
        chalice_app.handle_scan_result(event | details, Context())

    def sweep(self) -> None:
        chalice_app.sweep(json.loads((EVENTS / "scheduled.json").read_text()), Context())


@pytest.fixture
def service(
    database_url: str, owner_database_url: str, ministack_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Service]:
    bucket = f"bucket-{uuid4().hex}"
    s3 = s3_client(ministack_url)
    s3.create_bucket(Bucket=bucket)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("MIGRATION_DATABASE_URL", owner_database_url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", ministack_url)
    monkeypatch.setenv("BUCKET", bucket)
    container.reset()
    with Client(chalice_app.app) as client:
        yield Service(client.http, bucket, s3)
    container.reset()


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Issuer]:
    """An issuer whose JWTs the service accepts, if this fixture comes before `service`."""
    with running_issuer() as issuer:
        monkeypatch.setenv("OIDC_ISSUER", issuer.url)
        monkeypatch.setenv("OIDC_AUDIENCE", AUDIENCE)
        yield issuer


@pytest.fixture
def costs(service: Service) -> Iterator[Costs]:
    service.upload("warm-up")
    with count_costs() as costs:
        yield costs


@pytest.fixture(scope="session")
def package(built_pages: None, tmp_path_factory: pytest.TempPathFactory) -> Package:  # noqa: ARG001
    """The project's packages. Each is built once in a run: pytest-xdist's workers share the folder.

    That of the other architecture is built from a copy of the project, so that a test can compare two builds.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "packages"
    folder.mkdir(exist_ok=True)

    @cache
    def build(architecture: str) -> Path:
        path = folder / f"{architecture}.zip"
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists() and architecture == NATIVE:
                build_package(ROOT, architecture, path, glibc=GLIBC)
            elif not path.exists():
                _build_from_copy(folder / "another checkout", architecture, path)
        return path

    return build


def _build_from_copy(copy: Path, architecture: str, destination: Path) -> None:
    """Build the package from a copy of the project that only its owner may read, and that was run before."""
    before = os.umask(0o077)
    try:
        copy.mkdir()
        for name in ("app.py", "requirements.txt", "constraints.txt"):
            shutil.copyfile(ROOT / name, copy / name)
        shutil.copytree(ROOT / "chalicelib", copy / "chalicelib", copy_function=shutil.copyfile)
        leftover = copy / "chalicelib" / "__pycache__" / "settings.cpython-39.pyc"
        leftover.parent.mkdir(exist_ok=True)
        leftover.write_bytes(b"old bytecode")
        build_package(copy, architecture, destination, glibc=GLIBC)
    finally:
        os.umask(before)
