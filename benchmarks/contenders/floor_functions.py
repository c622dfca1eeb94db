"""The floor: the service's own statements and requests by hand, with psycopg2 and urllib3 and nothing else.

The statements are those that PostgreSQL received from the service, with other ids (`benchmarks.statements`). So
they cost the database the same, and what is left is what a function can't do without.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import threading
import uuid
from typing import Any

import psycopg2
import urllib3
from psycopg2.extras import NamedTupleCursor

STATEMENTS: dict[str, Any] = json.loads(os.environ["STATEMENTS"])
"""By operation, a list of SQL text; `upload` and `process` have the file's id as {id}."""
BUCKET, ENDPOINT = os.environ["BUCKET"], os.environ["AWS_ENDPOINT_URL"]
HOST = ENDPOINT.removeprefix("http://")
REGION = os.environ["AWS_DEFAULT_REGION"]

http = urllib3.PoolManager(maxsize=32)
per_thread = threading.local()


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Respond to the list of files and to an upload."""
    if event["httpMethod"] == "GET":
        body = json.dumps([file_of(row, "http://127.0.0.1") for row in run(STATEMENTS["list"][0])])
        return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}
    body = json.dumps(upload(base64.b64decode(event["body"])))
    return {"statusCode": 201, "headers": {"Content-Type": "application/json"}, "body": body}


def upload(form: bytes) -> dict[str, Any]:
    """Store the file of a form with one field: a row, an object, and the row's new status."""
    content = form[form.index(b"\r\n\r\n") + 4 : form.rindex(b"\r\n--")]
    digest = hashlib.sha256(content)
    file_id, name = str(uuid.uuid4()), STATEMENTS["name"]
    insert, mark = STATEMENTS["upload"]
    run(insert.replace("{id}", file_id), returns=False)
    checksum = base64.b64encode(digest.digest()).decode()
    headers = {"content-type": "text/plain", "x-amz-checksum-sha256": checksum}
    request("PUT", f"uploads/{file_id}/{name}", headers, content, digest.hexdigest())
    return file_of(run(mark.replace("{id}", file_id))[0], "http://127.0.0.1")


def process(event: dict[str, Any], _context: Any) -> None:
    """Claim the file of an event, read its object and store the result."""
    key = event["Records"][0]["s3"]["object"]["key"]
    file_id = key.split("/")[1]
    claim, finish = STATEMENTS["process"]
    run(claim.replace("{id}", file_id))
    request("GET", key, {"range": "bytes=0-1048575"}, None, hashlib.sha256(b"").hexdigest())
    run(finish.replace("{id}", file_id))


def run(statement: str, *, returns: bool = True) -> list[Any]:
    """Execute a statement and return its rows."""
    if (connection := getattr(per_thread, "connection", None)) is None:
        connection = psycopg2.connect(os.environ["DATABASE_URL"], cursor_factory=NamedTupleCursor)
        connection.autocommit = True
        per_thread.connection = connection
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if returns else []


def file_of(row: Any, base_url: str) -> dict[str, Any]:
    """Return the JSON form of a row."""
    url = f"{base_url}/api/files/{row.id}"
    return {
        "id": row.id,
        "file": f"{url}/content",
        "uploaded_at": row.uploaded_at and row.uploaded_at.isoformat(),
        "processed": row.status == "processed",
        "name": row.name,
        "size": row.size,
        "status": row.status,
        "processed_at": row.processed_at and row.processed_at.isoformat(),
        "attempts": row.attempts,
        "types": {"declared": row.declared_type, "detected": row.detected_type, "mismatch": row.mismatch},
        "checksum": {"algorithm": row.checksum_algorithm, "value": row.checksum_value},
        "result": row.result,
        "error": row.error_code and {"code": row.error_code, "message": row.error_message},
        "thumbnail": row.thumbnail_key and f"{url}/thumbnail",
        "owner": row.owner,
        "version": row.version,
        "metadata": row.metadata or {},
        "scan": None,
    }


def request(method: str, key: str, headers: dict[str, str], body: bytes | None, digest: str) -> bytes:
    """Send a signed request to S3 and return the response's body.

    https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
    """
    path = f"/{BUCKET}/{key}"
    time = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    signed = {**headers, "host": HOST, "x-amz-content-sha256": digest, "x-amz-date": time}
    names = ";".join(sorted(signed))
    canonical = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    text = f"{method}\n{path}\n\n{canonical}\n{names}\n{digest}"
    scope = f"{time[:8]}/{REGION}/s3/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(text.encode()).hexdigest()}"
    key_bytes = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key_bytes = hmac.digest(key_bytes, part.encode(), "sha256")
    signature = hmac.digest(key_bytes, to_sign.encode(), "sha256").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    signed["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    response = http.request(method, ENDPOINT + path, headers=signed, body=body, retries=2)
    if response.status >= 300:
        raise RuntimeError(f"{method} {path}: {response.status} {response.data!r}")
    return response.data
