"""`Storage` in memory."""

from dataclasses import dataclass, field
from datetime import timedelta
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
class FakeStorage:
    """`Storage` in memory."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)
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
        self.objects[key] = (body, media_type)
        return _etag(body)

    def head(self, key: str) -> ObjectHead | None:
        self._request()
        if key not in self.objects:
            return None
        body, media_type = self.objects[key]
        return ObjectHead(len(body), media_type, None, _etag(body))

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        self._request()
        if key not in self.objects:
            raise ObjectMissingError
        body = self.objects[key][0]
        if start >= len(body) or etag not in {None, _etag(body)}:
            raise ObjectChangedError
        return ObjectRange(body[start : start + length], len(body), _etag(body))

    def list(self, prefix: str, after: str) -> ObjectPage:
        self._request()
        keys = sorted(
            (key for key in self.objects if key.startswith(prefix) and key.encode() > after.encode()),
            key=str.encode,
        )
        objects = [
            ObjectRef(key, _etag(self.objects[key][0]), len(self.objects[key][0])) for key in keys[: self.page]
        ]
        return ObjectPage(objects, len(keys) > self.page)

    def delete(self, key: str) -> None:
        self._request()
        self.objects.pop(key, None)

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        return f"https://storage.test/{key}?{media_type}&{disposition}&{lifetime.total_seconds():.0f}"

    def _require_space(self) -> None:
        if self.full:
            raise ServiceError(INSUFFICIENT_STORAGE)

    def _request(self) -> None:
        self.requests += 1
        if self.down:
            raise ServiceError(STORAGE_UNAVAILABLE)


def _etag(body: bytes) -> str:
    return md5(body, usedforsecurity=False).hexdigest()
