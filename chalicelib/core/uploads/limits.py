"""What S3 allows, and how a file is divided into parts."""

from datetime import timedelta

from msgspec import Struct

from chalicelib.core.limits.model import Limits

MIB, GIB = 1024**2, 1024**3

MAX_PARTS = 10_000
MAX_PART_BYTES = 5 * GIB
MAX_PUT_BYTES = 5 * GIB
"""Of one request that stores an object."""
MAX_OBJECT_BYTES = MAX_PARTS * MAX_PART_BYTES
"""48.8 TiB. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html"""

MIN_PART_BYTES = 16 * MIB
"""Of every part but the last. S3 allows 5 MiB, with which a large file takes three times as many requests."""

URL_LIFETIME = timedelta(hours=1)
"""Of a presigned URL; it ends sooner if the credentials that signed it do. A new one can be requested."""

FIRST_CHECK = timedelta(hours=1)
"""After this time the sweep looks whether the bytes of an upload are there, although neither an event nor a
request has said so. It looks again at twice the upload's age."""

URLS_PER_REQUEST = 100
"""How many parts a response has URLs of. Signing one takes a fraction of a millisecond."""


class UploadLimits(Struct, frozen=True, kw_only=True):
    """The settings of uploads."""

    owners: Limits
    multipart_threshold: int
    """Bytes. A larger file is uploaded in parts."""
    expires_in: timedelta
    """How long an upload may take."""


def part_size_for(size: int) -> int:
    """Return the bytes of each part of a file of `size` bytes but the last: MIN_PART_BYTES, or more MiB, so that
    MAX_PARTS are enough."""
    return max(MIN_PART_BYTES, _divide_up(_divide_up(size, MAX_PARTS), MIB) * MIB)


def count_parts(size: int, part_size: int) -> int:
    """Return the number of parts; an empty file has one."""
    return max(1, _divide_up(size, part_size))


def size_of_part(number: int, size: int, part_size: int) -> int:
    """Return the bytes of a part, of which the first is number 1."""
    return min(part_size, size - (number - 1) * part_size)


def _divide_up(value: int, divisor: int) -> int:
    return -(-value // divisor)
