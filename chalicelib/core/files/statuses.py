"""A file's statuses. docs/reference/statuses.md has the transitions."""

from chalicelib.core.described_enum import DescribedEnum


class Status(DescribedEnum):
    """A file's status."""

    AWAITING_UPLOAD = "awaiting_upload", "The row exists, the bytes are not in S3 yet."
    UPLOADED = "uploaded", "The bytes are in S3 and wait to be processed, for the first time or again."
    PROCESSING = (
        "processing",
        "A worker holds a lease. If the lease expires, another worker claims the file.",
    )
    PROCESSED = "processed", "Done; `result` holds the facts."
    FAILED = "failed", "`error` says why: the content, or too many attempts."
    REJECTED = (
        "rejected",
        "Too large, over a quota, of a type that isn't allowed, infected, or not what was announced; `error` says "
        "why. Its object is deleted.",
    )
    EXPIRED = "expired", "The bytes never came. If they do come later, the file is processed."


STORED = frozenset({Status.UPLOADED, Status.PROCESSING, Status.PROCESSED, Status.FAILED})
"""The statuses of a file whose bytes are in S3."""
