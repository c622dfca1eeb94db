"""S3's forms of ETags and checksums."""

import base64
from typing import TYPE_CHECKING

from chalicelib.core.files.model import Checksum

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_CHECKSUMS = {
    "ChecksumSHA256": "sha256",
    "ChecksumSHA1": "sha1",
    "ChecksumCRC64NVME": "crc64nvme",
    "ChecksumCRC32C": "crc32c",
    "ChecksumCRC32": "crc32",
}
"""The checksums that S3 may have of an object, the strongest first."""


def base64_checksum(checksum: Checksum) -> str:
    """Return the checksum as it is in S3's headers and parameters."""
    return base64.b64encode(bytes.fromhex(checksum.value)).decode()


def bare_etag(quoted: str) -> str:
    """Return the ETag without its quotation marks."""
    return quoted.strip('"')


def whole_object_checksum(response: "HeadObjectOutputTypeDef") -> Checksum | None:
    """Return the checksum of all the object's bytes, or None. A composite one is of its parts' checksums."""
    if response.get("ChecksumType") == "COMPOSITE":
        return None
    for field, algorithm in _CHECKSUMS.items():
        value = str(response.get(field) or "")
        if value and "-" not in value:  # a suffix `-N` marks a composite checksum where the type is not given
            return Checksum(algorithm, base64.b64decode(value).hex())
    return None
