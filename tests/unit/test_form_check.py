"""Upload forms that MiniStack would accept, and S3 doesn't."""

import asyncio
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from emulator.form_check import FormCheck

S3 = boto3.session.Session("test", "test", region_name="us-east-1").client(
    "s3",
    endpoint_url="http://127.0.0.1:4566",
    config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
)
BOUNDARY = "limit"
CREDENTIAL = "x-amz-credential"
FIELDS: dict[str, str] = S3.generate_presigned_post("files", "uploads/1/a b.txt")["fields"]


def send_form(fields: dict[str, str], chunk: int = 1000, body: bytes = b"") -> str:
    """Send a form in chunks of this size. Return what reached MiniStack, or the code of the error."""
    url = "http://127.0.0.1/files"
    request = requests.Request("POST", url, data=fields, files={"file": ("a.txt", b"x" * 5000)}).prepare()
    content_type = f"multipart/form-data; boundary={BOUNDARY}" if body else str(request.headers["Content-Type"])
    content = body or request.body
    assert isinstance(content, bytes)
    chunks = [content[start : start + chunk] for start in range(0, len(content), chunk)]
    events = [{"type": "http.request", "body": each, "more_body": True} for each in chunks]
    events[-1]["more_body"] = False
    reached, sent = bytearray(), bytearray()

    async def receive() -> Any:
        return events.pop(0)

    async def send(event: Any) -> None:
        sent.extend(event.get("body", b""))

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        event = {"more_body": True}
        while event["more_body"]:
            event = await receive()
            reached.extend(event["body"])

    headers = [(b"content-type", content_type.encode())]
    scope = {"type": "http", "method": "POST", "path": "/files", "headers": headers}
    asyncio.run(FormCheck(application, "test")(scope, receive, send))
    assert events == []  # a client that is still sending might not read the response
    if reached:
        assert bytes(reached) == content
        return "reached"
    return sent.decode().partition("<Code>")[2].partition("</Code>")[0]


@pytest.mark.parametrize("chunk", [1, 7, 100_000])
def test_signed_form_reaches_ministack_as_it_was_sent(chunk: int) -> None:
    assert send_form(FIELDS, chunk) == "reached"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"x-amz-signature": "0" * 64}, "SignatureDoesNotMatch"),
        ({"policy": FIELDS["policy"].replace("e", "f", 1)}, "SignatureDoesNotMatch"),
        ({CREDENTIAL: FIELDS[CREDENTIAL].replace("us-east-1", "us-east-2")}, "SignatureDoesNotMatch"),
        ({"x-amz-signature": "x"}, "InvalidArgument"),
        ({CREDENTIAL: "x"}, "InvalidArgument"),
        ({"x-amz-algorithm": "none"}, "InvalidArgument"),
        ({"x-amz-signature": ""}, "AccessDenied"),
        ({"policy": ""}, "AccessDenied"),
        ({"note": "x" * 30_000}, "MaxPostPreDataLengthExceeded"),
    ],
)
def test_form_without_a_valid_signature_is_refused(changes: dict[str, str], code: str) -> None:
    fields = {name: value for name, value in {**FIELDS, **changes}.items() if value}
    assert send_form(fields) == code


def test_form_that_is_none_is_refused() -> None:
    assert send_form(FIELDS, body=b"no form") == "MalformedPOSTRequest"


def test_fields_after_the_file_dont_count() -> None:
    """S3 ignores them."""
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in FIELDS.items()]
    file = 'Content-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nx'
    assert send_form(FIELDS, body=join_parts([*parts, file])) == "reached"
    assert send_form(FIELDS, body=join_parts([file, *parts])) == "AccessDenied"


def join_parts(parts: list[str]) -> bytes:
    return "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts).encode() + f"--{BOUNDARY}--\r\n".encode()
