"""The addresses of buckets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
"""

import os
import re
from urllib.parse import urlsplit

_USUAL_REGION = re.compile(r"(?:af|ap|ca|eu|il|me|mx|sa|us|us-gov)-[a-z]+-\d")
"""A region whose host names end with `amazonaws.com`."""

_HOST_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{1,61})[a-z0-9]")
"""A bucket's name that can be part of a host name. One with a dot can't: no certificate covers it."""

_CHANGING = (
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
)
"""Environment variables with which botocore may choose other addresses."""


def find_bucket_url(bucket: str, region: str, endpoint_url: str | None) -> str | None:
    """Return the bucket's address without a slash at its end, or None if only botocore knows it.

    `endpoint_url` is an emulator's. It is addressed by path, because buckets have no host names there.
    """
    if endpoint_url:
        return f"{_normalize(endpoint_url)}/{bucket}"
    if any(os.environ.get(name) for name in _CHANGING):
        return None
    if not _HOST_LABEL.fullmatch(bucket) or not _USUAL_REGION.fullmatch(region):
        return None
    regional = "" if region == "us-east-1" else f".{region}"
    return f"https://{bucket}.s3{regional}.amazonaws.com"


def _normalize(url: str) -> str:
    """Return the URL with the host that clients send as `Host`, which is signed: in lower case, and without the
    scheme's own port. https://fetch.spec.whatwg.org/ and https://url.spec.whatwg.org/#port-state"""
    parts = urlsplit(url)
    own_port = ":443" if parts.scheme == "https" else ":80"
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(own_port)}{parts.path.rstrip('/')}"
