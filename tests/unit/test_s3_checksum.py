"""Which of the checksums that S3 returns are those of all of an object's bytes."""

import pytest

from chalicelib.adapters.s3.values import whole_object_checksum
from chalicelib.core.files.model import Checksum

BYTES = "AAAAAA=="


@pytest.mark.parametrize(
    ("headers", "checksum"),
    [
        ({"x-amz-checksum-crc32": BYTES, "x-amz-checksum-type": "FULL_OBJECT"}, Checksum("crc32", "00000000")),
        ({"x-amz-checksum-crc32": BYTES}, Checksum("crc32", "00000000")),
        ({"x-amz-checksum-crc32": BYTES, "x-amz-checksum-type": "COMPOSITE"}, None),
        ({"x-amz-checksum-crc32": f"{BYTES}-2"}, None),
        ({"x-amz-checksum-crc32": f"{BYTES}-2", "x-amz-checksum-sha1": BYTES}, Checksum("sha1", "00000000")),
        ({}, None),
    ],
)
def test_composite_checksum_is_ignored(headers: dict[str, str], checksum: Checksum | None) -> None:
    assert whole_object_checksum(headers) == checksum
