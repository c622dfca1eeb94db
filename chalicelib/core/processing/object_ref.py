"""A reference to an object in the bucket."""

from msgspec import Struct


class ObjectRef(Struct, frozen=True):
    """An object's key and what is known of that version of it, from an S3 event or a listing of the bucket.

    A field is None where the source doesn't have it. A reference to whichever object is under the key has none.
    """

    key: str
    etag: str | None = None
    """Without quotation marks."""
    size: int | None = None
    """Bytes."""
    sequencer: str | None = None
    """Orders the events of one key: the later event's is greater. Padded, so that strings can be compared. Only
    an event has one."""

    @property
    def is_folder(self) -> bool:
        """Whether it is the empty object that S3's console creates for a folder."""
        return self.key.endswith("/") and self.size == 0
