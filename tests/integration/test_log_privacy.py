"""No log line holds what a client sent: no header's value, name, checksum, owner or content."""

import io
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from chalice.test import HTTPResponse
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import IntegrityError

import app
from chalicelib import container
from chalicelib.adapters.postgres.errors import StatementError
from chalicelib.core.errors import ServiceError
from tests.integration.conftest import Context, Service, created_event, form
from tests.json_log import json_log, lines
from tests.samples import new_file

SECRET = "s3cr3t"
"""Marks whatever a client sends, and the owner."""

CONTENT = f"{SECRET} content".encode()

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEFAULT_OWNER", f"{SECRET}-owner")


@pytest.fixture
def log(service: Service, capfd: pytest.CaptureFixture[str]) -> Iterator[io.StringIO]:  # noqa: ARG001  # it begins first
    """The log, in which no secret may be at the end; nor in what anything else prints."""
    with json_log() as stream:
        yield stream
    printed = "".join(capfd.readouterr())
    for secret in (SECRET, sha256(CONTENT).hexdigest()):
        assert secret not in stream.getvalue()
        assert secret not in printed


def request(service: Service, method: str, path: str, body: bytes = b"", **headers: str) -> HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response: HTTPResponse = service.http.request(method, path, headers=named, body=body)
    return response


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Content-Type": f"multipart/form-data; {SECRET}=1"}, b"--b--"),
        ({"Content-Type": f"multipart/form-data; boundary={SECRET}"}, f"no {SECRET} boundary".encode()),
        ({"Content-Type": f"multipart/form-data; boundary={SECRET * 100}"}, b"x"),
        ({"Content-Type": f"multipart/form-data{SECRET}; boundary=b"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, f"--b\r\n{SECRET}\0: x\r\n\r\n".encode()),
        ({"Content-Type": "multipart/form-data; boundary=b"}, f"--b\r\nContent-Type: {SECRET}\r\n\r\n".encode()),
        (
            {"Content-Type": "multipart/form-data; boundary=b"},
            f'--b\r\nContent-Disposition: form-data; name="file"; filename="{SECRET}"\r\n'
            f"Content-Transfer-Encoding: {SECRET}\r\n\r\n{SECRET}\r\n--b--\r\n{SECRET}".encode(),
        ),
        ({"Content-Type": SECRET}, b"x"),
        ({"Content-Type": "application/octet-stream", "Content-Disposition": f"; filename*=x''{SECRET}%"}, b"x"),
        ({"Content-Type": "application/octet-stream", "Content-Length": SECRET}, b"x"),
        ({"Content-Type": "application/octet-stream", "Transfer-Encoding": SECRET}, b"x"),
    ],
)
def test_a_malformed_upload_is_not_quoted(
    service: Service, log: io.StringIO, headers: dict[str, str], body: bytes
) -> None:
    response = request(service, "POST", f"/api/upload?type={SECRET}", body, Cookie=SECRET, **headers)
    assert 400 <= response.status_code < 500
    assert [line["level"] for line in lines(log)] == ["INFO"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/files?q={SECRET}&cursor={SECRET}"),
        ("GET", f"/api/files/{SECRET}"),
        ("GET", f"/api/changes?since={SECRET}"),
        ("PATCH", f"/api/files/{SECRET}?{SECRET}"),
        ("PUT", f"/api/files?{SECRET}"),
    ],
)
def test_other_requests_are_not_quoted(service: Service, log: io.StringIO, method: str, path: str) -> None:
    body = f'{{"{SECRET}": '.encode()
    headers = {
        "Authorization": SECRET,
        "Host": SECRET,
        "If-None-Match": SECRET,
        "Content-Type": "application/json",
    }
    assert 400 <= request(service, method, path, body, **headers).status_code < 500
    assert lines(log)


def test_no_processor_logs_what_is_in_a_file(service: Service, log: io.StringIO) -> None:
    for name, content in (
        (f"{SECRET}.txt", CONTENT),
        (f"{SECRET}.zip", b"PK\3\4" + CONTENT),
        (SECRET, b"%PDF-" + CONTENT),
    ):
        file = service.upload(name, content)
        service.process(service.key(file))
        service.http.get(f"/api/files/{file['id']}/content")
        service.http.delete(f"/api/files/{file['id']}")
        service.process(service.key(file))  # its object arrived after it was deleted
    service.process(f"uploads/{SECRET}/{SECRET}")
    assert lines(log)


def test_events_and_dead_letters_are_not_quoted(service: Service, log: io.StringIO) -> None:
    file = service.upload(f"{SECRET}.txt")
    event = created_event(service.key(file), f"uploads/{SECRET}")
    event["Records"].append({"eventName": "ObjectCreated:Put", "s3": {"object": {"key": 7, SECRET: SECRET}}})
    service.handle_dead_letters(SECRET, str(event).replace("'", '"'), f'{{"{SECRET}": "{SECRET}"}}')
    assert [line["level"] for line in lines(log)].count("WARNING") == 2


def test_an_unavailable_storage_is_logged_without_names(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = service.upload(f"{SECRET}.txt", CONTENT)
    for variable, value, reason in (
        ("BUCKET", "no-such-bucket", "S3 refused PutObject: NoSuchBucket"),
        ("AWS_ENDPOINT_URL", NOWHERE, "S3 doesn't respond: ConnectionRefusedError"),
    ):
        monkeypatch.setenv(variable, value)
        container.reset()
        response = service.http.post("/api/upload/", **form(f"{SECRET}.txt", CONTENT))
        assert response.status_code == 503
        assert reason in [line["message"] for line in lines(log)]
        with pytest.raises(ServiceError):
            app.process_upload(created_event(service.key(file)), Context())
        with suppress(ServiceError):
            service.sweep()


def test_an_unavailable_database_is_logged_with_its_reason(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/nothing")
    container.reset()
    response = service.http.post("/api/upload/", **form(f"{SECRET}.txt", CONTENT))
    assert response.status_code == 503
    [reason] = [line["message"] for line in lines(log) if line["level"] == "ERROR"]
    assert reason.startswith("the database is not available: OperationalError: connection to server at")


@pytest.mark.parametrize(
    ("statement", "described"),
    [
        ("SELECT CAST(%(secret)s AS integer)", "InvalidTextRepresentation 22P02"),
        ("SELECT to_timestamp(%(secret)s, 'YYYY')", "InvalidDatetimeFormat 22007"),
        ("SELECT CAST('{\"' || %(secret)s AS json)", "InvalidTextRepresentation 22P02"),
        ("SELECT %(secret)s %(secret)s", "SyntaxError 42601"),
        (
            "INSERT INTO tombstones (object_key, file_id, owner) VALUES (%(secret)s, NULL, %(secret)s)",
            'NotNullViolation 23502: tombstones: file_id: null value in column "file_id" of relation "tombstones" '
            "violates not-null constraint",
        ),
    ],
)
def test_a_refused_statement_is_described_without_its_values(
    service: Service, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, statement: str, described: str
) -> None:
    def run(*_: Any, **__: Any) -> int:
        return container.database().execute(statement, {"secret": SECRET})

    with pytest.raises(StatementError) as caught:
        run()
    assert str(caught.value) == described
    monkeypatch.setattr("chalicelib.http.file_list.list_files", run)
    assert service.http.get("/api/files").status_code == 500
    assert described in lines(log)[0]["exception"]


@pytest.mark.usefixtures("service", "log")
def test_a_unique_violation_is_described_without_its_key() -> None:
    files = container.files()
    first, second = (new_file(SECRET, owner=SECRET, key=f"uploads/{SECRET}") for _ in range(2))
    files.add(first, timedelta(minutes=1))
    with pytest.raises(StatementError) as caught:
        files.add(second, timedelta(minutes=1))
    assert str(caught.value) == (
        "UniqueViolation 23505: files: files_object_key_key: "
        'duplicate key value violates unique constraint "files_object_key_key"'
    )


def test_the_log_of_postgresql_quotes_no_statement_and_no_key(database_url: str, owner_database_url: str) -> None:
    with create_engine(owner_database_url, poolclass=NullPool).connect() as connection:
        log_file = Path(str(connection.scalar(text("SHOW data_directory")))).with_name("postgres.log")
    before = log_file.stat().st_size
    insert = text("INSERT INTO inventory (prefix, looked_through_to) VALUES (:secret, ''), (:secret, '')")
    with create_engine(database_url, poolclass=NullPool).connect() as connection, pytest.raises(IntegrityError):
        connection.execute(insert, {"secret": SECRET})
    written = log_file.read_bytes()[before:].decode()
    assert "duplicate key value" in written
    assert SECRET not in written
