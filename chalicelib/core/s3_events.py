"""S3's event notifications, decoded once, at the edge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus


def created_keys(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield the decoded key of each object that the event says was created.

    An event holds one record or several; `s3:TestEvent`, which S3 sends when a notification is set up, holds
    none. Keys are URL-encoded like a form: a space is `+`.
    """
    for record in event.get("Records", ()):
        if record.get("eventName", "").removeprefix("s3:").startswith("ObjectCreated:"):
            yield unquote_plus(record["s3"]["object"]["key"])
