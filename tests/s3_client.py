"""A client of a MiniStack. To make one takes botocore longer than it takes MiniStack to make a bucket."""

from functools import cache
from typing import Any

import boto3


@cache
def s3_client(url: str) -> Any:
    """Return this process's client of that MiniStack, for tests that change nothing of the client."""
    return boto3.client("s3", endpoint_url=url)
