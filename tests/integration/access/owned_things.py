"""What an owner has: files, uploads and tokens, added without requests."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuids
from msgspec.structs import replace

from chalicelib import container
from chalicelib.core.accounts.api_tokens import digest_of, generate_token
from chalicelib.core.accounts.model import NewToken, Scope
from chalicelib.core.files.model import Analysis, NewFile
from chalicelib.core.processing.object_ref import ObjectRef
from tests.samples import ANALYZED_OBJECT, new_file

HOUR = timedelta(hours=1)
CONTENT = b"abc"
"""Of each object."""


@dataclass(frozen=True)
class OwnedUpload:
    """An upload that awaits its bytes, or S3's multipart upload of it."""

    file_id: UUID
    key: str
    upload_id: str = ""
    etag: str = ""
    """Of its only part."""


@dataclass(frozen=True)
class Things:
    """Adds things of one owner."""

    owner: str
    s3: Any
    bucket: str

    def add_file(self) -> UUID:
        """Add a processed file with a thumbnail."""
        new = new_file(owner=self.owner, metadata={"order": "7"})
        container.files().add(new, HOUR)
        container.files().mark_uploaded(self.owner, new.id, "etag")
        claimed = container.processing_queue().claim(ObjectRef(new.object_key), HOUR)
        assert claimed is not None
        analysis = Analysis(detected_type="image/png", result={"image": {"version": 1}})
        thumbnail = f"derived/{new.id}/1/thumbnail.webp"
        container.processing_queue().finish(claimed, analysis, ANALYZED_OBJECT, thumbnail)
        return new.id

    def add_put(self, *, sent: bool = False) -> OwnedUpload:
        """Add an upload in one request, whose object S3 has if it was sent."""
        new = self._await_bytes()
        if sent:
            self.s3.put_object(Bucket=self.bucket, Key=new.object_key, Body=CONTENT)
        return OwnedUpload(new.id, new.object_key)

    def add_parts(self, *, sized: bool = False) -> OwnedUpload:
        """Add an upload in parts, one of which S3 has. Uppy doesn't say how large its uploads are."""
        new = replace(new_file(owner=self.owner), checksum=None)
        upload_id = self.s3.create_multipart_upload(Bucket=self.bucket, Key=new.object_key)["UploadId"]
        part: Any = {"Bucket": self.bucket, "Key": new.object_key, "UploadId": upload_id, "PartNumber": 1}
        etag = self.s3.upload_part(**part, Body=CONTENT)["ETag"].strip('"')
        size = {"size": len(CONTENT), "part_size": len(CONTENT)} if sized else {"size": None}
        container.uploads().add(replace(new, multipart_upload_id=upload_id, **size), HOUR)
        return OwnedUpload(new.id, new.object_key, upload_id, etag)

    def add_token(self) -> UUID:
        return self.issue(Scope.WRITE)[0]

    def issue(self, *scopes: Scope, expires_in: timedelta | None = None) -> tuple[UUID, str]:
        """Add a token, and return its id and the token."""
        token, token_id = generate_token(), uuids.uuid7()
        new = NewToken(
            id=token_id, digest=digest_of(token), name="test", owner=self.owner, scopes=frozenset(scopes)
        )
        container.tokens().add(new, expires_in)
        return token_id, token

    def _await_bytes(self) -> NewFile:
        new = replace(new_file(owner=self.owner), checksum=None)
        container.uploads().add(new, HOUR)
        return new
