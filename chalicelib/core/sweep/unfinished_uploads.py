"""Complete or abort uploads whose clients have left.

A client that dies between its last part and its call of `complete` has sent the whole file, so it is completed:
the parts are all there, and S3 verifies their ETags and the size of all. Everything else waits until it expires
(docs/decisions/0031-uploads-to-s3.md).
"""

from dataclasses import dataclass

from chalicelib.core.errors import MultipartUploadMissingError, ObjectExistsError, PartsRejectedError
from chalicelib.core.files.model import File
from chalicelib.core.processing.ports import ProcessingQueue
from chalicelib.core.storage import PartRef, Storage
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.uploads.limits import size_of_part
from chalicelib.core.uploads.sign_urls import part_count


@dataclass(frozen=True, slots=True)
class UnfinishedUploads:
    """The uploads of files that await their bytes."""

    queue: ProcessingQueue
    storage: Storage

    def complete(self, file: File) -> bool:
        """Complete the multipart upload if S3 has all parts. Return whether there is an object now. One S3 request
        for each 1,000 parts, and another one to complete it."""
        if file.multipart_upload_id is None or file.part_size is None:
            return False
        uploaded = self.storage.list_parts(file.object_key, file.multipart_upload_id) or ()
        if {part.number: part.size for part in uploaded} != _sizes_of_parts(file):
            return False
        parts = [PartRef(number=part.number, etag=part.etag) for part in uploaded]
        try:
            self.storage.complete_multipart_upload(
                file.object_key, file.multipart_upload_id, parts, size=file.size, checksum=file.checksum
            )
        except ObjectExistsError:
            return True
        except (MultipartUploadMissingError, PartsRejectedError):
            return False
        return True

    def expire(self, file: File) -> SweepOutcome | None:
        """Abort the multipart upload and expire the file, if it is time; otherwise let a later sweep look again.

        The upload is aborted first: of an expired file, nothing would be found again.
        """
        if self.queue.postpone_check(file):
            return None
        if file.multipart_upload_id is not None:
            self.storage.abort_multipart_upload(file.object_key, file.multipart_upload_id)
        return None if self.queue.expire(file) is None else SweepOutcome.UPLOAD_ABANDONED


def _sizes_of_parts(file: File) -> dict[int, int]:
    """Return the bytes of each part by its number."""
    assert file.size is not None
    assert file.part_size is not None
    numbers = range(1, part_count(file) + 1)
    return {number: size_of_part(number, file.size, file.part_size) for number in numbers}
