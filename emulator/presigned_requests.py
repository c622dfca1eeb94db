"""Recognises the requests to S3 that a web page may make: to one object by a presigned URL, and an upload form."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE")
"""What the bucket's CORS configuration allows on AWS (infra/templates/storage.yaml). A POST creates or completes a
multipart upload, or sends a form; a DELETE aborts a multipart upload."""

OBJECT_PATH = re.compile(r"/(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/.+", re.DOTALL)
BUCKET_PATH = re.compile(r"/(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

SIGNING_PARAMETERS = {
    "X-Amz-Algorithm": re.compile(r"AWS4-HMAC-SHA256"),
    "X-Amz-Credential": re.compile(r"[^/]+/\d{8}/[^/]+/s3/aws4_request", re.ASCII),
    "X-Amz-Date": re.compile(r"\d{8}T\d{6}Z", re.ASCII),
    "X-Amz-Expires": re.compile(r"\d{1,6}", re.ASCII),
    "X-Amz-SignedHeaders": re.compile(r".+"),
    "X-Amz-Signature": re.compile(r"[0-9a-f]{64}"),
}
"""https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html"""

OBJECT_PARAMETERS = re.compile(
    r"x-amz-.+|x-id|response-.+|versionId|uploads|uploadId|partNumber|max-parts|part-number-marker", re.IGNORECASE
)
"""Of reading, writing and multipart uploads. No others, because MiniStack routes by some, such as `Action`."""


def presigned_bucket(method: str, path: str, query: bytes) -> str | None:
    """Return the bucket of a presigned request to an object, None for any other request.

    `path` is decoded, and in path style. Only the form of the signature is checked: S3 checks whether it is right.
    """
    match = OBJECT_PATH.fullmatch(path)
    if match is None or method not in METHODS:
        return None
    parameters = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    values = dict(parameters)
    if len(values) < len(parameters) or not all(OBJECT_PARAMETERS.fullmatch(name) for name in values):
        return None
    if not all(pattern.fullmatch(values.get(name, "")) for name, pattern in SIGNING_PARAMETERS.items()):
        return None
    if method == "DELETE" and "uploadId" not in values:
        return None  # would delete the object: the service signs none, but a page can, with the known credentials
    return match["bucket"]


def form_bucket(method: str, path: str, query: bytes) -> str | None:
    """Return the bucket to which a form would be sent with this request, None for any other request.

    The signature of a form is in its body: emulator/form_check.py checks it.
    """
    match = BUCKET_PATH.fullmatch(path)
    return match["bucket"] if match and method == "POST" and not query else None


def is_form(headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the request's body is a form that may have a file."""
    media_type = headers.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() == b"multipart/form-data"
