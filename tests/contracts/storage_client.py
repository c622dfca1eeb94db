"""New buckets, and a client that sends presigned requests, by HTTP or to the fake itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import boto3
import requests

from chalicelib.adapters.s3 import S3Storage
from chalicelib.adapters.s3.connection_pool import ConnectionPool, Response
from chalicelib.adapters.s3.timeouts import Timeouts
from chalicelib.core.storage import PresignedForm, PresignedRequest, Storage
from tests.fakes.storage import FakeStorage
from tests.s3_client import s3_client

LIFETIME = timedelta(minutes=5)


def new_bucket(url: str | None = None) -> S3Storage:
    """Return a storage whose bucket is new."""
    name = f"bucket-{uuid4().hex}"
    client = s3_client(url) if url else boto3.client("s3")  # moto is in clients that are made while it runs
    client.create_bucket(Bucket=name)
    return S3Storage(name, url)


def send_by_requests(
    _: ConnectionPool,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
    timeouts: Timeouts,
) -> Response:
    """Send a request as `ConnectionPool` does, but by the library `requests`, which moto replaces."""
    url = f"https://{headers['Host']}{target}"
    response = requests.request(method, url, headers=headers, data=body, timeout=timeouts.read, stream=True)
    received = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status_code, received, b"" if method == "HEAD" else response.content)


def set_tags(storage: Storage, key: str, tags: Mapping[str, str]) -> None:
    """Give an object these tags, as the storage's scanner does."""
    if isinstance(storage, FakeStorage):
        storage.tags_by_key[key] = dict(tags)
        return
    assert isinstance(storage, S3Storage)
    client = s3_client(storage._endpoint_url) if storage._endpoint_url else boto3.client("s3")
    client.put_object_tagging(
        Bucket=storage._bucket,
        Key=key,
        Tagging={"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]},
    )


@dataclass(frozen=True)
class ClientResponse:
    """What the client sees of the storage's response."""

    status: int
    etag: str = ""
    """Without quotation marks."""
    body: str = ""


def send(
    storage: Storage, request: PresignedRequest, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> ClientResponse:
    """Send the request, with its own headers or others."""
    sent = request.headers if headers is None else headers
    if isinstance(storage, FakeStorage):
        fake_response = storage.send(request.method, request.url, sent, body)
        return ClientResponse(fake_response.status, fake_response.etag)
    # A body of b"" has no Content-Length in `requests`, unlike in curl and in browsers.
    empty = {"Content-Length": "0"} if request.method == "PUT" and not body else {}
    response = requests.request(
        request.method, request.url, data=body, headers={**sent, **empty}, timeout=10, allow_redirects=False
    )
    return ClientResponse(response.status_code, response.headers.get("ETag", "").strip('"'), response.text)


def send_part(storage: Storage, url: str, body: bytes) -> ClientResponse:
    """PUT a part."""
    return send(storage, PresignedRequest("PUT", url, {}), body)


def send_form(storage: Storage, form: PresignedForm, body: bytes, **changed: str) -> ClientResponse:
    """POST the form, with some fields changed."""
    fields = {**form.fields, **changed}
    if isinstance(storage, FakeStorage):
        fake_response = storage.send_form(fields, body)
        return ClientResponse(fake_response.status, fake_response.etag)
    response = requests.post(form.url, data=fields, files={"file": body}, timeout=10)
    return ClientResponse(response.status_code, response.headers.get("ETag", "").strip('"'), response.text)
