"""The bucket, as the use cases need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """An object's metadata, as the storage has it."""

    size: int
    media_type: str | None
    checksum: Checksum | None
    """Of the whole object; None where the storage has none, or only one composed of its parts' checksums."""
    etag: str
    """Without quotation marks."""


@dataclass(frozen=True, slots=True)
class ObjectRange:
    """Some bytes of an object."""

    data: bytes
    size: int
    """Of the whole object."""
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """A page of the bucket's listing, in the order of the keys' UTF-8 bytes."""

    objects: Sequence[ObjectRef]
    has_more: bool
    """There are objects after these."""


class Storage(Protocol):
    """The bucket. Each call is one request, except `download_url`, which makes none.

    Raises ServiceError(STORAGE_UNAVAILABLE) when the storage doesn't respond or refuses, and
    ServiceError(INSUFFICIENT_STORAGE) when it is full.
    """

    def check(self) -> None:
        """Return if the bucket can be reached, and isn't full."""

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        """Store an object and return its ETag. With a checksum, a SHA-256, the storage refuses bytes that don't
        match it. After INSUFFICIENT_STORAGE there is certainly no new object."""

    def head(self, key: str) -> ObjectHead | None:
        """Return what is known of the object, or None if there is none."""

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        """Return up to `length` bytes from `start`. Raises ObjectMissingError if there is no object, and
        ObjectChangedError if its ETag is another one, or it ends before `start`."""

    def list(self, prefix: str, after: str) -> ObjectPage:
        """Return up to 1,000 objects whose keys begin with `prefix` and come after the key `after`."""

    def delete(self, key: str) -> None:
        """Delete the object; do nothing if there is none."""

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        """Return a presigned URL whose response has this Content-Type and Content-Disposition."""
