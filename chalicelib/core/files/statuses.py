"""A file's statuses. docs/reference/statuses.md has the transitions."""

from enum import StrEnum


class Status(StrEnum):
    """A file's status, as stored and as shown."""

    AWAITING_UPLOAD = "awaiting_upload"
    UPLOADED = "uploaded"
    PROCESSING = "processing"
    PROCESSED = "processed"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"


STORED = frozenset({Status.UPLOADED, Status.PROCESSING, Status.PROCESSED, Status.FAILED})
"""The statuses of a file whose bytes are in S3."""
