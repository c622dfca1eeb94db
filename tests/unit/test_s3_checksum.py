"""Which of the checksums that S3 returns are those of all of an object's bytes."""

from typing import Any

import pytest

from chalicelib.adapters.s3.values import whole_object_checksum
from chalicelib.core.files.model import Checksum

BYTES = "AAAAAA=="


@pytest.mark.parametrize(
    ("response", "checksum"),
    [
        ({"ChecksumCRC32": BYTES, "ChecksumType": "FULL_OBJECT"}, Checksum("crc32", "00000000")),
        ({"ChecksumCRC32": BYTES}, Checksum("crc32", "00000000")),
        ({"ChecksumCRC32": BYTES, "ChecksumType": "COMPOSITE"}, None),
        ({"ChecksumCRC32": f"{BYTES}-2"}, None),
        ({"ChecksumCRC32": f"{BYTES}-2", "ChecksumSHA1": BYTES}, Checksum("sha1", "00000000")),
        ({}, None),
    ],
)
def test_composite_checksum_is_ignored(response: Any, checksum: Checksum | None) -> None:
    assert whole_object_checksum(response) == checksum
