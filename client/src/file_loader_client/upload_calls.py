"""The service's calls about uploads."""

from collections.abc import Mapping, Sequence
from urllib.parse import quote
from uuid import uuid4

from file_loader_client.models import Checksum, File, PartUrls, Upload, UploadedPart
from file_loader_client.service import Service

MAX_PART_URLS = 100
"""The most that the service returns at once."""


class UploadCalls:
    """Creates, reads, completes and aborts uploads."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def create(
        self,
        name: str,
        size: int,
        type: str | None,
        checksum: Checksum | None,
        metadata: Mapping[str, str] | None,
        idempotency_key: str | None,
    ) -> Upload:
        """Create an upload. The key lets a request whose response was lost be sent again."""
        fields = {"type": type, "checksum": checksum, "metadata": metadata and dict(metadata)}
        body = {"name": name, "size": size, **{name: value for name, value in fields.items() if value is not None}}
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return self._service.call("POST", "/api/uploads", Upload, json=body, headers=headers)

    def get(self, upload_id: str) -> Upload:
        return self._service.call("GET", _path(upload_id), Upload)

    def part_urls(self, upload_id: str, numbers: Sequence[int]) -> PartUrls:
        body = {"numbers": list(numbers)}
        return self._service.call("POST", f"{_path(upload_id)}/parts", PartUrls, json=body)

    def complete(self, upload_id: str, parts: Sequence[UploadedPart] | None = None) -> File:
        body = {} if parts is None else {"parts": [{"number": each.number, "etag": each.etag} for each in parts]}
        return self._service.call("POST", f"{_path(upload_id)}/complete", File, json=body)

    def abort(self, upload_id: str) -> None:
        self._service.delete(_path(upload_id))


def _path(upload_id: str) -> str:
    return f"/api/uploads/{quote(upload_id, safe='')}"
