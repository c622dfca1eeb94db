"""The examples in the API's description are what the service responds.

`make examples` records them anew, into chalicelib/http/openapi/examples.json.
"""

import json
import os
import re
import struct
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg2
import pytest
import requests

from tests.acceptance.client import Client
from tests.acceptance.emulator_process import Emulator
from tests.acceptance.openapi_recorder import UPLOAD_ID, Recorder

EXAMPLES = Path(__file__).parents[2] / "chalicelib" / "http" / "openapi" / "examples.json"
RAW = {"Content-Type": "application/octet-stream"}
UNKNOWN_ID = "01930000-0000-7000-8000-000000000000"
TIMELINE = ["announced", "stored", "event", "claimed", "finished"]
"""The usual one."""
ATTEMPTS = 20
"""Files of earlier tests may still be processed, and their changes are not in the examples."""

CLAIMS_WAIT = """
CREATE FUNCTION wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END';
CREATE TRIGGER claims_wait BEFORE UPDATE OF attempts ON files FOR EACH STATEMENT EXECUTE FUNCTION wait_for_lock();
SELECT pg_advisory_lock(1)
"""
CLAIMS_GO_ON = "SELECT pg_advisory_unlock(1); DROP FUNCTION wait_for_lock CASCADE"


def make_png(width: int, height: int) -> bytes:
    """Return an image whose bytes don't depend on the version of a library: it isn't compressed."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\0\x80\x80" * width) * height
    pixels = zlib.compress(rows, level=0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture
def recorder(service_emulator: Emulator, built_pages: None) -> Iterator[Recorder]:  # noqa: ARG001  # served by it
    client = Client(service_emulator.url)
    yield Recorder(client)
    for file in client.files(q="lagoon"):
        client.delete(file.id)


@contextmanager
def hold_claims(service: Emulator) -> Iterator[None]:
    """Let no worker claim a file until the block ends. One is often faster than the upload's second statement."""
    with closing(connect(service)) as database, database.cursor() as cursor:
        cursor.execute(CLAIMS_WAIT)
        try:
            yield
        finally:
            cursor.execute(CLAIMS_GO_ON)


def record_usual_upload(
    service: Emulator, client: Client, recorder: Recorder, name: str, content: bytes
) -> tuple[str, int]:
    """Record an upload that is processed in the usual order: return its id, and the last change before it."""
    for _ in range(ATTEMPTS):
        since = max((change.seq for change in client.changes()), default=0)
        form = {"file": (name, content, "image/png")}
        with hold_claims(service):
            file = recorder.record("upload_file", "POST", "/api/upload/", files=form).json()
        client.wait_until_terminal(file["id"])
        timeline = client.request("GET", f"/api/files/{file['id']}/timeline").json()
        changes = client.request("GET", f"/api/changes?since={since}").json()
        assert (file["status"], [entry["type"] for entry in timeline]) == ("uploaded", TIMELINE)
        if {change["id"] for change in changes} == {file["id"]}:
            return file["id"], since
        recorder.forget_last()
        client.delete(file["id"])
    raise AssertionError(f"other files' changes in {ATTEMPTS} attempts: {changes}")


def record_files(service: Emulator, client: Client, recorder: Recorder) -> None:
    """Record what can be done with a file, and one that fails."""
    image, since = record_usual_upload(service, client, recorder, "lagoon.png", make_png(48, 32))
    found = recorder.record("get_file", "GET", f"/api/files/{image}", name="processed")
    headers = {"If-None-Match": found.headers["ETag"]}
    recorder.record("get_file", "GET", f"/api/files/{image}", headers=headers)
    recorder.record("get_content", "GET", f"/api/files/{image}/content")
    recorder.record("get_content", "GET", f"/api/files/{image}/content?redirect=false")
    recorder.record("get_thumbnail", "GET", f"/api/files/{image}/thumbnail")
    recorder.record("get_thumbnail", "GET", f"/api/files/{image}/thumbnail?redirect=false")
    recorder.record("get_timeline", "GET", f"/api/files/{image}/timeline")
    recorder.record("list_changes", "GET", f"/api/changes?since={since}&limit=4")
    newest = f"/api/changes?since={since}&newest=true&limit=1"
    recorder.record("list_changes", "GET", newest, name="the newest")
    damaged, _ = record_usual_upload(service, client, recorder, "damaged lagoon.png", make_png(48, 32)[:20])
    recorder.forget_last()
    recorder.record("get_file", "GET", f"/api/files/{damaged}", name="failed")
    recorder.record("list_files", "GET", "/api/files/?q=lagoon&limit=1")
    update = {"name": "blue lagoon.png", "metadata": {"album": "Iceland", "order": "7"}}
    recorder.record("update_file", "PATCH", f"/api/files/{image}", json=update)
    recorder.record("list_files", "GET", "/api/files/?metadata.album=Iceland&metadata.order=7", name="by metadata")
    recorder.record("reprocess_file", "POST", f"/api/files/{image}/reprocess")


def record_uploads(service: Emulator, client: Client, recorder: Recorder) -> None:
    """Record an upload in one request, one in parts, and what is wrong with each."""
    content = b"Blue water.\n"
    small = {"name": "lagoon.txt", "size": len(content), "type": "text/plain"}
    key = {"Idempotency-Key": f"lagoon-{uuid4()}"}
    created = recorder.record(
        "create_upload", "POST", "/api/uploads", name="one request", json=small, headers=key
    ).json()
    upload = f"/api/uploads/{created['id']}"
    recorder.record_error("idempotency_key_reused", "POST", "/api/uploads", json={**small, "size": 1}, headers=key)
    recorder.record_error("invalid_metadata", "POST", "/api/uploads", json={**small, "metadata": {"": ""}})
    recorder.record_error("upload_incomplete", "POST", f"{upload}/complete")
    recorder.record_error("not_multipart", "POST", f"{upload}/parts", json={"numbers": [1]})
    sent = requests.put(created["upload"]["url"], content, headers=created["upload"]["headers"], timeout=30)
    assert sent.status_code == 200
    client.wait_until_terminal(created["id"])
    recorder.record("complete_upload", "POST", f"{upload}/complete")
    recorder.record_error("upload_finished", "DELETE", upload)

    large = {"name": "lagoon.mp4", "size": 70_000_000, "type": "video/mp4"}
    created = recorder.record("create_upload", "POST", "/api/uploads", name="parts", json=large).json()
    upload = f"/api/uploads/{created['id']}"
    sent = requests.put(created["parts"][0]["url"], bytes(created["part_size"]), timeout=60)
    assert sent.status_code == 200
    recorder.record("get_upload", "GET", upload)
    recorder.record("get_part_urls", "POST", f"{upload}/parts", json={"numbers": [4, 5]})
    recorder.record_error("invalid_part_numbers", "POST", f"{upload}/parts", json={"numbers": [6]})
    with connect(service) as database, database.cursor() as cursor:
        cursor.execute("UPDATE files SET status = 'expired' WHERE id = %s", (created["id"],))
    recorder.record_error("upload_expired", "POST", f"{upload}/complete")
    recorder.record("abort_upload", "DELETE", upload)
    recorder.record_error("upload_not_found", "GET", upload)


def record_uppy(client: Client, recorder: Recorder) -> None:
    """Record what Uppy asks for."""
    file = "filename=lagoon.mp4&type=video/mp4"
    recorder.record("begin_form_upload", "GET", f"/s3/params?{file}&metadata[place]=Lagoon")
    new = {"filename": "lagoon.mp4", "type": "video/mp4", "metadata": {"place": "Lagoon"}}
    upload = recorder.record("begin_multipart_upload", "POST", "/s3/multipart", json=new).json()
    recorder.know_upload_id(upload["uploadId"])
    path, key = f"/s3/multipart/{upload['uploadId']}", f"key={upload['key']}"
    signed = recorder.record("sign_unsized_part", "GET", f"{path}/1?{key}").json()
    recorder.record("sign_unsized_parts", "GET", f"{path}/batch?{key}&partNumbers=2,3")
    etag = requests.put(signed["url"], b"Blue water.\n", timeout=30).headers["ETag"]
    recorder.record("list_unsized_parts", "GET", f"{path}?{key}")
    sent = {"parts": [{"PartNumber": 1, "ETag": etag}]}
    recorder.record("complete_unsized_upload", "POST", f"{path}/complete?{key}", json=sent)
    client.wait_until_terminal(upload["key"].split("/")[1])

    upload = client.request("POST", "/s3/multipart", json=new).json()
    recorder.know_upload_id(upload["uploadId"])
    path, key = f"/s3/multipart/{upload['uploadId']}", f"key={upload['key']}"
    recorder.record("abort_unsized_upload", "DELETE", f"{path}?{key}")

    whole = {"method": "PUT", "key": "lagoon.mp4", "contentType": "video/mp4"}
    recorder.record("sign_request", "POST", "/s3/sign", name="whole", json=whole)
    create = {"method": "POST", "key": "lagoon.mp4"}
    created = recorder.record("sign_request", "POST", "/s3/sign", name="multipart", json=create).json()
    part = {"method": "PUT", "key": created["key"], "uploadId": UPLOAD_ID, "partNumber": 1}
    recorder.record("sign_request", "POST", "/s3/sign", name="part", json=part)
    recorder.record_error("unsupported_request", "POST", "/s3/sign", json={"method": "GET", "key": "lagoon.mp4"})


def connect(service: Emulator) -> "psycopg2.extensions.connection":
    """Return a connection to the database that commits each statement."""
    connection = psycopg2.connect(service.database_url().replace("postgresql+psycopg2://", "postgresql://"))
    connection.autocommit = True
    return connection


def record_tokens(recorder: Recorder) -> None:
    """Record what can be done with API tokens."""
    new = {"name": "laptop", "owner": "alice", "scopes": ["write"], "expires_in": 7 * 24 * 60 * 60}
    created = recorder.record("create_token", "POST", "/api/tokens", json=new).json()
    recorder.record("list_tokens", "GET", "/api/tokens?limit=1")
    recorder.record("revoke_token", "DELETE", f"/api/tokens/{created['id']}")
    recorder.record("create_upload_token", "POST", "/api/upload-tokens", json={"expires_in": 3600})
    recorder.record("get_caller", "GET", "/api/me")
    recorder.record("get_sign_in", "GET", "/api/sign-in")
    recorder.record_error("invalid_new_token", "POST", "/api/tokens", json={**new, "name": " "})
    recorder.record_error("token_not_found", "DELETE", f"/api/tokens/{UNKNOWN_ID}")
    recorder.record("reprocess_outdated_files", "POST", "/api/admin/reprocess", json={"after": UNKNOWN_ID})


def record_service(recorder: Recorder) -> None:
    """Record the health check, the description and the pages."""
    recorder.record("check_health", "GET", "/api/health")
    description = recorder.record("get_openapi", "GET", "/api/openapi.json")
    headers = {"If-None-Match": description.headers["ETag"]}
    recorder.record("get_openapi", "GET", "/api/openapi.json", headers=headers)
    page = recorder.record("get_docs_page", "GET", "/api/docs")
    [script, *_] = re.findall(r'src="\./([^"]+)"', page.text)
    recorder.record("get_docs_asset", "GET", f"/api/{script}")
    page = recorder.record("get_page", "GET", "/")
    [script] = re.findall(r'src="\./([^"]+)"', page.text)
    recorder.record("get_asset", "GET", f"/{script}")
    recorder.record("get_embedded_script", "GET", "/dropzone.js")


def record_errors_of_requests(recorder: Recorder) -> None:
    """Record what is wrong with a request whatever is stored."""
    recorder.record_error("invalid_parameter", "GET", "/api/files/?serach=lagoon")
    recorder.record_error("malformed_id", "GET", "/api/files/7")
    recorder.record_error("file_not_found", "GET", f"/api/files/{UNKNOWN_ID}")
    recorder.record_error("route_not_found", "GET", "/api/file")
    recorder.record_error("asset_not_found", "GET", "/api/docs/assets/none.js")
    recorder.record_error("method_not_allowed", "PUT", "/api/files")
    recorder.record_error("unknown_host", "GET", "/api/files", headers={"Host": "files.example.net"})
    recorder.record_error("headers_too_large", "GET", "/api/files", headers={"X-Large": "x" * 300_000})
    file = f"/api/files/{UNKNOWN_ID}"
    recorder.record_error("invalid_field", "PATCH", file, json={"title": "lagoon.png"})
    recorder.record_error("invalid_metadata", "PATCH", file, json={"metadata": {"my order": "7"}})
    recorder.record_error("malformed_body", "PATCH", file, data="{", headers={"Content-Type": "application/json"})


def record_errors_of_uploads(recorder: Recorder) -> None:
    """Record what is wrong with an upload."""
    upload = "/api/upload/"
    recorder.record_error("unsupported_media_type", "POST", upload, json={})
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    recorder.record_error("empty_body", "POST", upload, headers=form)
    recorder.record_error("missing_file", "POST", upload, files={"photo": ("lagoon.png", b"x")})
    files = [("file", ("lagoon.png", b"x")), ("file", ("beach.png", b"x"))]
    recorder.record_error("too_many_files", "POST", upload, files=files)
    recorder.record_error("invalid_name", "POST", f"{upload}?name=..", data=b"x", headers=RAW)
    large = {"name": "a", "size": 10_000 * 5 * 2**30 + 1}
    recorder.record_error("file_too_large", "POST", "/api/uploads", json=large)
    recorder.record_error("body_too_large", "POST", f"{upload}?name=a", data=bytes(4_600_001), headers=RAW)
    recorder.record_error("form_too_large", "POST", upload, files={"file": ("a", bytes(4_700_000))})
    recorder.record_error("request_too_large", "POST", f"{upload}?name=a", data=bytes(10_500_000), headers=RAW)


def record_limits(client: Client, recorder: Recorder) -> None:
    """Record what owners have left who have limits, and what they don't (`OWNER_LIMITS` of the emulator)."""
    visitor, late = {"X-Owner": "visitor"}, {"X-Owner": "late-visitor"}
    new = {"name": "lagoon.txt", "size": 12}
    upload = client.request("POST", "/api/uploads", json=new, headers=visitor).json()
    recorder.record("get_usage", "GET", "/api/usage", headers=visitor)
    recorder.record_error("quota_exceeded", "POST", "/api/uploads", json=new, headers=visitor)
    recorder.record_error("daily_quota_exceeded", "POST", "/api/uploads", json=new, headers=late)
    client.request("DELETE", f"/api/uploads/{upload['id']}", headers=visitor)
    recorder.record("list_owners", "GET", "/api/admin/owners?order=owner&limit=1&after=visito")


def record_states(service: Emulator, client: Client, recorder: Recorder) -> None:
    """Record responses in states that take a failure to get into: they are written into the database."""
    file_id = client.upload_form("lagoon.txt", b"Blue water.\n", "text/plain").id
    client.wait_until_terminal(file_id)
    recorder.record_error("no_thumbnail", "GET", f"/api/files/{file_id}/thumbnail")
    database = connect(service)
    try:
        for kind, status, code in [
            ("not_uploaded", "awaiting_upload", None),
            ("content_missing", "failed", "object_missing"),
        ]:
            with database.cursor() as cursor:
                cursor.execute(
                    "UPDATE files SET status = %s, error_code = %s, error_message = '' WHERE id = %s",
                    (status, code, file_id),
                )
            recorder.record_error(kind, "GET", f"/api/files/{file_id}/content")
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE files SET status = 'uploaded', queued_at = now() - interval '17 minutes' WHERE id = %s",
                (file_id,),
            )
            cursor.execute(  # unless there was a sweep
                "INSERT INTO last_sweep (is_last, finished_at, duration, ended, outcomes) "
                "VALUES (true, now(), '1 s', 'completed', '{}') ON CONFLICT DO NOTHING"
            )
        recorder.record("check_health", "GET", "/api/health")
        recorder.record("get_overview", "GET", "/api/admin/overview")
    finally:
        database.close()
    recorder.record("delete_file", "DELETE", f"/api/files/{file_id}")


def test_examples_are_what_the_service_responds(service_emulator: Emulator, recorder: Recorder) -> None:
    client = Client(service_emulator.url)
    record_files(service_emulator, client, recorder)
    record_uploads(service_emulator, client, recorder)
    record_uppy(client, recorder)
    record_states(service_emulator, client, recorder)
    record_tokens(recorder)
    record_limits(client, recorder)
    record_service(recorder)
    record_errors_of_requests(recorder)
    record_errors_of_uploads(recorder)
    examples = recorder.examples()
    if os.environ.get("RECORD_EXAMPLES"):
        EXAMPLES.write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n")
    assert examples == json.loads(EXAMPLES.read_text()), "`make examples` records them anew"
