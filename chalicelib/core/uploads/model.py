"""An upload: a file whose bytes the client sends to S3 itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.core.files.model import File
from chalicelib.core.storage import PresignedForm, PresignedRequest, UploadedPart


@dataclass(frozen=True, slots=True)
class PartUrl:
    """The presigned URL to PUT one part to."""

    number: int
    url: str
    size: int
    """Bytes; the URL accepts no other length."""


@dataclass(frozen=True, slots=True)
class PartUrls:
    """URLs of some parts."""

    parts: Sequence[PartUrl]
    expire_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An upload, with what the client needs for the next step."""

    file: File
    put: PresignedRequest | None = None
    """The request that uploads the whole file; None if it comes in parts, or can't come any more."""
    parts: Sequence[PartUrl] | None = None
    """The first URLs of a new multipart upload."""
    urls_expire_at: datetime | None = None
    uploaded_parts: Sequence[UploadedPart] | None = None
    """What S3 has of a multipart upload; None if it has none, or wasn't asked."""


@dataclass(frozen=True, slots=True)
class FormUpload:
    """The form that uploads a whole file whose size isn't known."""

    form: PresignedForm
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class MultipartRef:
    """A multipart upload, as S3 names it."""

    object_key: str
    upload_id: str
