"""`Objects` in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5, sha256

from chalicelib.core.errors import (
    INSUFFICIENT_STORAGE,
    STORAGE_UNAVAILABLE,
    ObjectChangedError,
    ObjectMissingError,
    ServiceError,
)
from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef
from chalicelib.core.storage import ObjectHead, ObjectPage, ObjectRange


@dataclass
class FakeObjects:
    """`Objects` in memory."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """Bytes and media type, by key."""
    checksums: dict[str, Checksum] = field(default_factory=dict)
    """By key. `head` returns them; nothing here computes them."""
    composite_etags: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    """The ETags of objects uploaded in parts, by key, with the bytes that they are of."""
    tags_by_key: dict[str, dict[str, str]] = field(default_factory=dict)
    """A new object has none."""
    down: bool = False
    full: bool = False
    requests: int = 0
    page: int = 1000

    def check(self) -> None:
        self._request()
        self._require_space()

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        self._request()
        self._require_space()
        if checksum and sha256(body).hexdigest() != checksum.value:
            raise ServiceError(STORAGE_UNAVAILABLE)
        self.store(key, body, media_type)
        return self.etag(key)

    def head(self, key: str) -> ObjectHead | None:
        self._request()
        if key not in self.objects:
            return None
        body, media_type = self.objects[key]
        return ObjectHead(len(body), media_type, self.checksums.get(key), self.etag(key))

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        self._request()
        if key not in self.objects:
            raise ObjectMissingError
        body = self.objects[key][0]
        if start >= len(body) or etag not in {None, self.etag(key)}:
            raise ObjectChangedError
        return ObjectRange(body[start : start + length], len(body), self.etag(key))

    def tags(self, key: str) -> Mapping[str, str]:
        self._request()
        if key not in self.objects:
            raise ObjectMissingError
        return self.tags_by_key.get(key, {})

    def list(self, prefix: str, after: str) -> ObjectPage:
        self._request()
        keys = sorted(
            (key for key in self.objects if key.startswith(prefix) and key.encode() > after.encode()),
            key=str.encode,
        )
        objects = [ObjectRef(key, self.etag(key), len(self.objects[key][0])) for key in keys[: self.page]]
        return ObjectPage(objects, len(keys) > self.page)

    def delete(self, key: str) -> None:
        self._request()
        self.objects.pop(key, None)
        self.checksums.pop(key, None)

    def store(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> None:
        """Put an object without a request."""
        self.objects[key] = (body, media_type)
        self.tags_by_key.pop(key, None)
        self.checksums.pop(key, None)
        if checksum is not None:
            self.checksums[key] = checksum

    def etag(self, key: str) -> str:
        """Return the object's ETag."""
        body = self.objects[key][0]
        composed_of, composite = self.composite_etags.get(key, (b"", ""))
        return composite if composite and composed_of is body else md5(body, usedforsecurity=False).hexdigest()

    def _require_space(self) -> None:
        if self.full:
            raise ServiceError(INSUFFICIENT_STORAGE)

    def _request(self) -> None:
        self.requests += 1
        if self.down:
            raise ServiceError(STORAGE_UNAVAILABLE)
