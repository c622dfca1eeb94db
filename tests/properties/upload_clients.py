"""Clients that send a file's bytes to the bucket themselves, and what they know of their uploads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuids

from chalicelib.core.files.model import Checksum
from chalicelib.core.files.object_keys import object_key
from chalicelib.core.files.statuses import STORED, Status
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads.abort_upload import AbortUpload, abort_upload
from chalicelib.core.uploads.complete_upload import CompleteUpload, complete_upload
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.create_upload import AnnouncedFile, CreateUpload, create_upload
from chalicelib.core.uploads.get_part_urls import GetPartUrls, get_part_urls
from chalicelib.core.uploads.get_upload import GetUpload, get_upload
from chalicelib.core.uploads.limits import UploadLimits, size_of_part
from chalicelib.core.uploads.model import Upload
from tests.crc64nvme import crc64nvme
from tests.properties.model import NAME, Fault, Model
from tests.samples import OWNER, same_limits

PART_SIZE, MAX_FILE_BYTES = 2, 1000
EXPIRY = timedelta(hours=3)
"""With clocks that pass an hour at a time, the sweep looks at an upload in parts before it expires."""


@dataclass
class ClientUpload:
    """An upload, as its client knows it."""

    plan: Upload
    body: bytes
    etags: dict[int, str] = field(default_factory=dict)
    """Of the latest part that S3 has responded to, by number."""

    @property
    def key(self) -> str:
        return self.plan.file.object_key

    @property
    def multipart_upload_id(self) -> str | None:
        return self.plan.file.multipart_upload_id

    def part(self, number: int) -> bytes:
        return self.body[(number - 1) * PART_SIZE : number * PART_SIZE]


class UploadClients:
    """Creates uploads, sends bytes and completes, in any order and at any time: also long after the end."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.uploads: dict[UUID, ClientUpload] = {}
        """Whose creation was acknowledged."""
        self.unknown_multipart_uploads: set[str] = set()
        """That the bucket has and no row, because the request that created them failed: its response was lost, or
        they couldn't be aborted. The bucket's lifecycle aborts them. They have no parts."""
        self._by_idempotency_key: dict[str, UUID] = {}

    def create(
        self, body: bytes, *, in_parts: bool, algorithm: str | None, idempotency_key: str | None, fault: Fault
    ) -> None:
        file_id, before, plans = uuids.uuid7(), set(self.model.bucket.open_uploads), list[Upload]()
        announced = AnnouncedFile(
            name=NAME, size=len(body), declared_type="text/plain", checksum=_checksum(algorithm, body)
        )
        command = CreateUpload(OWNER, file_id, announced, idempotency_key)
        limits = UploadLimits(
            owners=same_limits(MAX_FILE_BYTES, self.model.quotas),
            multipart_threshold=PART_SIZE if in_parts else MAX_FILE_BYTES,
            expires_in=EXPIRY,
        )
        ports: Any = {"uploads": self.model.failing_db.uploads, "storage": self.model.failing_bucket}
        ports |= {"public_storage": self.model.bucket, "limits": limits}
        self.model.attempt(lambda: plans.append(create_upload(command, **ports)), fault)
        row = self.model.db.files.get(OWNER, file_id)
        created = set(self.model.bucket.open_uploads) - before
        self.unknown_multipart_uploads |= created - {row.multipart_upload_id if row else None}
        assert len(created) <= 1
        assert row is None or plans or fault.at, "a refused request has left a row"
        if row is not None:
            self.model.unacknowledged[file_id] = object_key(file_id, NAME)
        for plan in plans:
            self._remember(plan, body, idempotency_key, file_id)

    def _remember(self, plan: Upload, body: bytes, idempotency_key: str | None, new_id: UUID) -> None:
        file = plan.file
        known = self._by_idempotency_key.get(idempotency_key) if idempotency_key else None
        assert known is None or known in self.model.deleted or file.id == known, "a key has two files"
        assert idempotency_key or file.id == new_id
        if idempotency_key:
            self._by_idempotency_key[idempotency_key] = file.id
        assert file.size == len(body)
        if plan.parts is not None and file.object_key not in self.model.bucket.objects:
            assert plan.file.multipart_upload_id in self.model.bucket.open_uploads, "its parts can't be sent"
        self.uploads.setdefault(file.id, ClientUpload(plan, body))
        if file.id not in self.model.accepted:
            self.model.unacknowledged[file.id] = file.object_key

    def send_whole(self, upload: ClientUpload, body: bytes) -> None:
        """PUT the whole file with the URL that the client was given, however old it is."""
        put = upload.plan.put
        if put is None:
            return
        had_object = upload.key in self.model.bucket.objects
        response = self.model.bucket.send(put.method, put.url, put.headers, body)
        assert (response.status == 200) <= (not had_object and len(body) == len(upload.body))

    def send_part(self, upload: ClientUpload, number: int, body: bytes) -> None:
        """PUT a part, however old its URL is. Of an aborted or completed upload, S3 responds 404."""
        if upload.plan.parts is None:
            return
        part = upload.plan.parts[(number - 1) % len(upload.plan.parts)]
        response = self.model.bucket.send("PUT", part.url, {}, body)
        if response.status == 200:
            upload.etags[part.number] = response.etag

    def look(self, file_id: UUID, number: int, fault: Fault) -> None:
        """Get the upload, and another URL of a part."""
        files, bucket = self.model.failing_db.files, self.model.bucket
        storage: Any = self.model.failing_bucket
        ports: Mapping[str, Any] = {"files": files, "public_storage": bucket}
        self.model.attempt(lambda: get_upload(GetUpload(OWNER, file_id), storage=storage, **ports), fault)
        self.model.attempt(lambda: get_part_urls(GetPartUrls(OWNER, file_id, [number]), **ports), fault)

    def complete(self, file_id: UUID, parts: list[PartRef] | None, fault: Fault) -> None:
        """Ask for the completion. Once it is acknowledged, the file must never be lost."""
        db, storage = self.model.failing_db, self.model.failing_bucket
        ports: Any = {"files": db.files, "uploads": db.uploads, "tombstones": db.tombstones, "storage": storage}
        completion = Completion(**ports, limits=same_limits(MAX_FILE_BYTES))
        command = CompleteUpload(OWNER, file_id, parts)
        if not self.model.attempt(lambda: complete_upload(command, files=db.files, completion=completion), fault):
            return
        file = self.model.db.files.get(OWNER, file_id)
        if file is None:
            return  # it was deleted meanwhile
        assert file.status in STORED | {Status.REJECTED}
        self.model.unacknowledged.pop(file_id, None)
        self.model.accepted[file_id] = file.object_key

    def abort(self, file_id: UUID, fault: Fault) -> None:
        db, storage = self.model.failing_db, self.model.failing_bucket
        ports: Any = {"uploads": db.uploads, "files": db.files, "tombstones": db.tombstones, "storage": storage}
        was_stored = file_id in self.model.accepted
        self.model.attempt(lambda: abort_upload(AbortUpload(OWNER, file_id), **ports), fault)
        self.model.note_deletion(file_id)
        assert not was_stored or file_id in self.model.accepted or fault.at is not None

    def sent_completely(self) -> set[UUID]:
        """Return the uploads of which the bucket has every part, with the right bytes."""
        bucket = self.model.bucket
        return {
            file_id
            for file_id, upload in self.uploads.items()
            if (opened := bucket.open_uploads.get(upload.multipart_upload_id or "")) is not None
            and b"".join(opened.parts[number] for number in sorted(opened.parts)) == upload.body
            and {number: len(part) for number, part in opened.parts.items()} == _sizes(upload)
        }


def parts_of(upload: ClientUpload, change: Callable[[str], str]) -> list[PartRef]:
    """Return the parts that the client has sent, with their ETags changed."""
    return [PartRef(number=number, etag=change(etag)) for number, etag in sorted(upload.etags.items())]


def _sizes(upload: ClientUpload) -> dict[int, int]:
    numbers = range(1, -(-len(upload.body) // PART_SIZE) + 1)
    return {number: size_of_part(number, len(upload.body), PART_SIZE) for number in numbers}


def _checksum(algorithm: str | None, body: bytes) -> Checksum | None:
    if algorithm is None:
        return None
    return Checksum(algorithm, sha256(body).hexdigest() if algorithm == "sha256" else crc64nvme(body))
