"""S3's forms of keys, ETags and checksums."""

import base64
from collections.abc import Mapping
from urllib.parse import quote

from chalicelib.core.files.model import Checksum

_CHECKSUMS = ("sha256", "sha1", "crc64nvme", "crc32c", "crc32")
"""The checksums that S3 may have of an object, the strongest first."""


def encode_key(key: str) -> str:
    """Return the key as it is in a URL's path."""
    return quote(key, safe="/~")


def base64_checksum(checksum: Checksum) -> str:
    """Return the checksum as it is in S3's headers and parameters."""
    return base64.b64encode(bytes.fromhex(checksum.value)).decode()


def bare_etag(quoted: str) -> str:
    """Return the ETag without its quotation marks."""
    return quoted.strip('"')


def whole_object_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return the checksum of all the object's bytes, or None. A composite one is of its parts' checksums."""
    if headers.get("x-amz-checksum-type") == "COMPOSITE":
        return None
    for algorithm in _CHECKSUMS:
        value = headers.get(f"x-amz-checksum-{algorithm}", "")
        if value and "-" not in value:  # a suffix `-N` marks a composite checksum where the type is not given
            return Checksum(algorithm, base64.b64decode(value).hex())
    return None
