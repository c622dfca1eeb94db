"""Decide whether an object that has arrived may stay."""

from msgspec import Struct

from chalicelib.core.errors import REJECTED_TOO_LARGE, TYPE_NOT_ALLOWED, RejectedContentError
from chalicelib.core.files.model import Analysis, Failure, File, analysis_of
from chalicelib.core.limits.media_types import is_allowed
from chalicelib.core.limits.model import Limits
from chalicelib.core.processing.ports import ProcessingQueue


class Admission(Struct, frozen=True):
    """The limits of an object that has arrived.

    They hold for an object once: one that was accepted stays when it is processed again, also under new limits.
    """

    limits: Limits
    queue: ProcessingQueue

    def check_size(self, claimed: File, size: int) -> None:
        """Raise RejectedContentError if the file is too large, or exceeds its owner's quotas.

        One statement if there is a quota of bytes and these bytes aren't counted yet: the file's size wasn't
        announced, or is greater now. Otherwise none.

        Raises ServiceError: DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        limits = self.limits.of(claimed.owner)
        has_grown = size > (claimed.size or 0)
        if size > limits.max_file_bytes and (has_grown or claimed.detected_type is None):
            raise RejectedContentError(REJECTED_TOO_LARGE, size=size, limit=limits.max_file_bytes)
        if has_grown and limits.quotas.needs_of_bytes(size):
            self.queue.record_size(claimed, size, limits.quotas)

    def check_type(self, claimed: File, outcome: Analysis | Failure, etag: str | None) -> None:
        """Raise RejectedContentError if the file's owner may not store files of its type, be it intact or not.

        `etag` is of the object that was analyzed, None if nothing of it was read.
        """
        was_accepted = claimed.detected_type is not None and claimed.etag == etag
        analysis = analysis_of(outcome)
        if was_accepted or analysis is None:
            return
        if not is_allowed(analysis.detected_type, self.limits.of(claimed.owner)):
            raise RejectedContentError(TYPE_NOT_ALLOWED, type=analysis.detected_type)
