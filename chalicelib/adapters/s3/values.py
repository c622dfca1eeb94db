"""S3's forms of keys, ETags and checksums."""

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote

from chalicelib.adapters.s3.errors import NoResponseError
from chalicelib.core.files.model import Checksum

_CHECKSUMS = ("sha256", "sha1", "crc64nvme", "crc32c", "crc32")
"""The checksums that S3 may have of an object, the strongest first."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18})")


def encode_key(key: str) -> str:
    """Return the key as it is in a URL's path."""
    return quote(key, safe="/~")


def base64_checksum(checksum: Checksum) -> str:
    """Return the checksum as it is in S3's headers and parameters."""
    return base64.b64encode(bytes.fromhex(checksum.value)).decode()


def bare_etag(quoted: str) -> str:
    """Return the ETag without its quotation marks."""
    return quoted.strip('"')


def parse_content_range(value: str) -> tuple[int, int]:
    """Return how many bytes a response has, and how many the object. Raises NoResponseError.

    https://www.rfc-editor.org/rfc/rfc9110#section-14.4
    """
    found = _CONTENT_RANGE.fullmatch(value)
    if found is None:
        raise NoResponseError("malformed response, its content-range")
    first, last, size = map(int, found.groups())
    return last - first + 1, size


def whole_object_checksum(headers: Mapping[str, str]) -> Checksum | None:
    """Return the checksum of all the object's bytes, or None. A composite one is of its parts' checksums."""
    if headers.get("x-amz-checksum-type") == "COMPOSITE":
        return None
    for algorithm in _CHECKSUMS:
        value = headers.get(f"x-amz-checksum-{algorithm}", "")
        if value and "-" not in value:  # a suffix `-N` marks a composite checksum where the type is not given
            return Checksum(algorithm, base64.b64decode(value).hex())
    return None
