"""S3's checksums of whole objects, from those of their parts.

The CRC of two byte strings, one after the other, follows from the CRCs of both and the length of the second: S3
gives a multipart object the checksum of all of its bytes (FULL_OBJECT) without reading it again.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html

MiniStack computes CRCs byte by byte in Python, some 10 MB in a second.
"""

import base64
from collections.abc import Iterable
from functools import cache
from typing import Any, Protocol, cast

DEFAULT_ALGORITHM = "CRC64NVME"
"""S3 computes it for every object whose client names no algorithm."""
MODELS = {"CRC64NVME": ("CRC64-NVME", 8), "CRC32": ("CRC32", 4), "CRC32C": ("CRC32C", 4)}
"""The library's name of each algorithm that can be combined, and the length of its values in bytes."""


class Model(Protocol):
    """A CRC of the library."""

    def calc(self, data: bytes) -> int: ...
    def combine(self, crc1: int, crc2: int, length: int) -> int: ...


@cache
def _model(algorithm: str) -> Model:
    import anycrc  # only MiniStack's process needs it

    model: Any = anycrc.Model(MODELS[algorithm][0])
    return cast("Model", model)


def compute(algorithm: str, content: bytes) -> str:
    """Return the checksum of some bytes by one of `MODELS`, as S3 writes it: in base64."""
    return _encode(algorithm, _model(algorithm).calc(content))


def combine(algorithm: str, parts: Iterable[tuple[str, int]]) -> str:
    """Return the checksum of all parts, one after the other. Each is given by its checksum and its length."""
    model = _model(algorithm)
    crc = model.calc(b"")
    for value, length in parts:
        crc = model.combine(crc, int.from_bytes(base64.b64decode(value), "big"), length)
    return _encode(algorithm, crc)


class ObjectChecksums:
    """Replacements for functions of ministack/services/s3.py (1.5.33), its module `s3`."""

    def __init__(self, s3: Any) -> None:
        self._compute = s3._compute_s3_checksum  # MiniStack has no hooks
        self._build_record = s3._build_object_record
        self._describe = s3._object_response_headers
        self._s3 = s3

    def install(self) -> None:
        """Let MiniStack call the methods below instead of its own functions."""
        self._s3._compute_s3_checksum = self.compute
        self._s3._build_object_record = self.build_record
        self._s3._object_response_headers = self.describe

    def compute(self, algorithm: str, content: bytes) -> Any:
        """Return the checksum of some bytes, None for an unknown algorithm."""
        name = (algorithm or "").upper().replace("_", "")
        return compute(name, content) if name in MODELS else self._compute(algorithm, content)

    def build_record(self, body: bytes, *arguments: Any, **options: Any) -> Any:
        """Return the record of an object that was put or came by a form. As on S3, it always has a checksum."""
        record = self._build_record(body, *arguments, **options)
        record["checksums"] = record["checksums"] or {DEFAULT_ALGORITHM: compute(DEFAULT_ALGORITHM, body)}
        return record

    def describe(self, record: dict[str, Any], *arguments: Any, **options: Any) -> Any:
        """Return an object's headers. MiniStack forgets the checksum's type when it ends; a composite checksum can
        be told by the number of parts at its end."""
        headers = self._describe(record, *arguments, **options)
        if "x-amz-checksum-type" in headers and any("-" in value for value in record["checksums"].values()):
            headers["x-amz-checksum-type"] = "COMPOSITE"
        return headers


def _encode(algorithm: str, crc: int) -> str:
    return base64.b64encode(crc.to_bytes(MODELS[algorithm][1], "big")).decode()
