"""S3's event notifications, decoded once, at the edge.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

SEQUENCER_LENGTH = 64
"""Far more than the 18 digits that S3 sends today."""


@dataclass(frozen=True, slots=True)
class CreatedObject:
    """An object that somebody says was created: an event, or a listing of the bucket. None is what wasn't told."""

    key: str
    etag: str | None = None
    """Without quotation marks."""
    size: int | None = None
    """Bytes."""
    sequencer: str | None = None
    """Of two events of one key, the later one's is greater. Padded, so that strings can be compared."""

    @property
    def is_folder(self) -> bool:
        """Whether it is what S3's console makes for a folder."""
        return self.key.endswith("/") and self.size == 0


def created_objects(event: Mapping[str, Any]) -> Iterator[CreatedObject]:
    """Yield each object that the event says was created.

    An event holds one record or several; `s3:TestEvent`, which S3 sends when a notification is set up, holds
    none. Keys are URL-encoded like a form: a space is `+`. Sequencers are hexadecimal numbers whose shorter one
    is padded with zeros on its right before two are compared.
    """
    for record in event.get("Records", ()):
        if record.get("eventName", "").removeprefix("s3:").startswith("ObjectCreated:"):
            told = record["s3"]["object"]
            sequencer = told.get("sequencer")
            yield CreatedObject(
                key=unquote_plus(told["key"]),
                etag=(told.get("eTag") or "").strip('"') or None,
                size=told.get("size"),
                sequencer=sequencer.upper().ljust(SEQUENCER_LENGTH, "0") if sequencer else None,
            )
