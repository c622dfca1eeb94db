"""Run the use cases of uploads on fakes, with small parts."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import uuid_utils.compat as uuids

from chalicelib.core.files.model import Checksum, File
from chalicelib.core.limits.model import UNLIMITED, Limits, Quotas
from chalicelib.core.storage import PartRef
from chalicelib.core.uploads import limits
from chalicelib.core.uploads.abort_upload import AbortUpload, abort_upload
from chalicelib.core.uploads.complete_upload import CompleteUpload, complete_upload
from chalicelib.core.uploads.completion import Completion
from chalicelib.core.uploads.create_upload import AnnouncedFile, CreateUpload, create_upload
from chalicelib.core.uploads.get_part_urls import GetPartUrls, get_part_urls
from chalicelib.core.uploads.get_upload import GetUpload, get_upload
from chalicelib.core.uploads.limits import UploadLimits
from chalicelib.core.uploads.model import PartUrls, Upload
from tests import samples
from tests.database_ports import FakePorts, fake_ports
from tests.fakes.storage import FakeStorage
from tests.samples import OWNER

PART = 100
"""Bytes of a part in these tests, which set `limits.MIN_PART_BYTES` and `limits.MIB`."""


@dataclass
class UploadClient:
    """Calls the use cases as the routes do, and sends bytes as a client does."""

    db: FakePorts = field(default_factory=fake_ports)
    storage: FakeStorage = field(default_factory=lambda: FakeStorage(min_part_size=0))
    threshold: int = 250
    max_file_bytes: int = 10_000
    quotas: Quotas = UNLIMITED
    expires_in: timedelta = timedelta(days=1)

    def create(
        self,
        size: int,
        *,
        name: str = "a.txt",
        key: str | None = None,
        owner: str = OWNER,
        checksum: Checksum | None = None,
    ) -> Upload:
        announced = AnnouncedFile(name=name, size=size, declared_type="text/plain", checksum=checksum)
        return create_upload(
            CreateUpload(owner, uuids.uuid7(), announced, key),
            uploads=self.db.uploads,
            storage=self.storage,
            public_storage=self.storage,
            limits=self.limits,
        )

    def get(self, file_id: UUID) -> Upload:
        return get_upload(
            GetUpload(OWNER, file_id), files=self.db.files, storage=self.storage, public_storage=self.storage
        )

    def part_urls(self, file_id: UUID, *numbers: int) -> PartUrls:
        return get_part_urls(
            GetPartUrls(OWNER, file_id, numbers), files=self.db.files, public_storage=self.storage
        )

    def complete(self, file_id: UUID, parts: list[PartRef] | None = None) -> File:
        return complete_upload(
            CompleteUpload(OWNER, file_id, parts), files=self.db.files, completion=self.completion
        )

    @property
    def owners(self) -> Limits:
        return samples.same_limits(self.max_file_bytes, self.quotas)

    @property
    def limits(self) -> UploadLimits:
        return UploadLimits(
            owners=self.owners,
            multipart_threshold=self.threshold,
            expires_in=self.expires_in,
        )

    @property
    def completion(self) -> Completion:
        return Completion(
            files=self.db.files,
            uploads=self.db.uploads,
            tombstones=self.db.tombstones,
            storage=self.storage,
            limits=self.owners,
        )

    def abort(self, file_id: UUID) -> None:
        abort_upload(
            AbortUpload(OWNER, file_id),
            uploads=self.db.uploads,
            files=self.db.files,
            tombstones=self.db.tombstones,
            storage=self.storage,
        )

    def put(self, upload: Upload, body: bytes) -> int:
        """PUT the whole file and return the status."""
        assert upload.put is not None
        return self.storage.send("PUT", upload.put.url, upload.put.headers, body).status

    def put_parts(self, upload: Upload, body: bytes, *numbers: int) -> list[PartRef]:
        """PUT these parts of the body, by default all, and return them as S3 has them."""
        sent = []
        for part in upload.parts or ():
            if part.number in (numbers or range(1, limits.MAX_PARTS + 1)):
                start = (part.number - 1) * PART
                response = self.storage.send("PUT", part.url, {}, body[start : start + part.size])
                assert response.status == 200
                sent.append(PartRef(number=part.number, etag=response.etag))
        return sent
