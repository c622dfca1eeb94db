"""Finds headers that S3 doesn't accept in a presigned request: those of its own that aren't signed.

Otherwise a client that has the URL of an upload could choose the object's access, storage class or metadata.
MiniStack applies them. S3 refuses them, and lets only the digest of the body pass
(https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html, X-Amz-SignedHeaders).
"""

from urllib.parse import parse_qs

from emulator.asgi import Event

MESSAGE = "There were headers present in the request which were not signed"
"""Of S3, with the code AccessDenied."""

ACCEPTED = "x-amz-content-sha256"


def has_unsigned_headers(scope: Event) -> bool:
    """Return whether the request is presigned and has such headers."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    if "X-Amz-Signature" not in query:
        return False
    signed = set(query.get("X-Amz-SignedHeaders", [""])[0].split(";"))
    names = {name.decode("latin-1").lower() for name, _ in scope["headers"]}
    return any(name.startswith("x-amz-") for name in names - signed - {ACCEPTED})
