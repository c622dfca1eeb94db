"""Small files, and what the use cases know of them."""

import io
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

import uuid_utils.compat as uuids
from PIL import Image

from chalicelib.core.files.model import Analysis, AnalyzedObject, Checksum, NewFile
from chalicelib.core.files.object_keys import object_key
from chalicelib.core.limits.model import UNLIMITED, Limits, OwnerLimits, Quotas

OWNER = "owner"
OTHER_OWNER = "other-owner"


def png(width: int = 30, height: int = 20) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(target, "PNG")
    return target.getvalue()


def new_file(
    name: str = "a.txt",
    *,
    owner: str = OWNER,
    size: int | None = 3,
    file_id: UUID | None = None,
    key: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> NewFile:
    file_id = file_id or uuids.uuid7()
    return NewFile(
        id=file_id,
        owner=owner,
        name=name,
        object_key=key or object_key(file_id, name),
        size=size,
        declared_type="text/plain",
        checksum=checksum(b"abc"),
        metadata=metadata or {},
    )


def checksum(content: bytes) -> Checksum:
    return Checksum("sha256", sha256(content).hexdigest())


ANALYZED_OBJECT = AnalyzedObject(3, "etag", checksum(b"abc"))
"""What new_file() is about."""


def analysis(detected_type: str = "text/plain", *, mismatch: bool = False) -> Analysis:
    return Analysis(detected_type=detected_type, result={"text": {"lines": 1}}, mismatch=mismatch)


def same_limits(max_file_bytes: int = 10**9, quotas: Quotas = UNLIMITED) -> Limits:
    """Return limits that are the same for all owners."""
    return Limits(OwnerLimits(max_file_bytes=max_file_bytes, quotas=quotas))
