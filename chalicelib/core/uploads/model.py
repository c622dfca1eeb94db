"""An upload: a file whose bytes the client sends to S3 itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from chalicelib.core.files.model import File
from chalicelib.core.storage import PresignedForm, PresignedRequest, UploadedPart


class PartUrl(Struct, frozen=True):
    """The presigned URL to PUT one part to."""

    number: int
    url: str
    size: int
    """Bytes; the URL accepts no other length."""


class PartUrls(Struct, frozen=True):
    """URLs of some parts."""

    parts: Sequence[PartUrl]
    expire_at: datetime


class Upload(Struct, frozen=True, kw_only=True):
    """An upload, with what the client needs for the next step."""

    file: File
    put: PresignedRequest | None = None
    """The request that uploads the whole file; None if it comes in parts, or can't come any more."""
    parts: Sequence[PartUrl] | None = None
    """The first URLs of a new multipart upload."""
    urls_expire_at: datetime | None = None
    uploaded_parts: Sequence[UploadedPart] | None = None
    """What S3 has of a multipart upload; None if it has none, or wasn't asked."""


class FormUpload(Struct, frozen=True):
    """The form that uploads a whole file whose size isn't known."""

    form: PresignedForm
    lifetime: timedelta


class MultipartRef(Struct, frozen=True):
    """A multipart upload, as S3 names it."""

    object_key: str
    upload_id: str
