"""What is sent to the functions: a list of 100 files, an upload of 10 KiB, and S3's event of that file."""

from hashlib import md5
from typing import Any

from benchmarks.sample_content import CONTENT, FORM_TYPE, SIZE, make_form
from tests.integration.rest_api_event import request

NAME = "notes.txt"
ETAG = md5(CONTENT, usedforsecurity=False).hexdigest()
HEADERS = {"Host": "127.0.0.1:8000", "Accept": "application/json"}
LIST = request("GET", "/api/files/", headers=HEADERS) | {"queryStringParameters": {"limit": "100"}}
UPLOAD = request(
    "POST",
    "/api/upload/",
    headers={**HEADERS, "Content-Type": FORM_TYPE},
    body=make_form(NAME),
)


def created_event(file_id: str) -> dict[str, Any]:
    """Return S3's event of a file that was uploaded."""
    details = {"key": f"uploads/{file_id}/{NAME}", "size": SIZE, "eTag": ETAG, "sequencer": "0055AED6DCD90281E5"}
    return {"Records": [{"eventName": "ObjectCreated:Put", "s3": {"object": details}}]}
