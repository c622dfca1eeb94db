"""Complete or abort uploads whose clients have left.

A client that dies between its last part and its call of `complete` has sent the whole file, so it is completed:
the parts are all there, and S3 verifies their ETags and the size of all. Everything else waits until it expires
(docs/decisions/0031-uploads-to-s3.md).
"""

from msgspec import Struct

from chalicelib.core.errors import MultipartUploadMissingError, ObjectExistsError, PartsRejectedError
from chalicelib.core.files.model import File
from chalicelib.core.processing.ports import ProcessingQueue
from chalicelib.core.storage import PartRef, Storage
from chalicelib.core.sweep.outcomes import SweepOutcome
from chalicelib.core.uploads.limits import size_of_part
from chalicelib.core.uploads.sign_urls import part_count


class UnfinishedUploads(Struct, frozen=True):
    """The uploads of files that await their bytes."""

    queue: ProcessingQueue
    storage: Storage

    def complete(self, file: File) -> bool:
        """Complete the multipart upload if S3 has all parts. Return whether there is an object now. One S3 request
        for each 1,000 parts, and another one to complete it.

        Raises MultipartUploadMissingError if S3 has neither it nor an object, so that the bytes can't come.
        """
        if file.multipart_upload_id is None or file.part_size is None:
            return False
        try:
            return self._complete_if_sent(file, file.multipart_upload_id)
        except MultipartUploadMissingError:
            if self.storage.head(file.object_key) is None:
                raise
            return True  # another request has completed it meanwhile

    def _complete_if_sent(self, file: File, upload_id: str) -> bool:
        uploaded = self.storage.list_parts(file.object_key, upload_id)
        if uploaded is None:
            raise MultipartUploadMissingError
        if {part.number: part.size for part in uploaded} != _sizes_of_parts(file):
            return False
        parts = [PartRef(number=part.number, etag=part.etag) for part in uploaded]
        try:
            self.storage.complete_multipart_upload(
                file.object_key, upload_id, parts, size=file.size, checksum=file.checksum
            )
        except ObjectExistsError:
            return True
        except PartsRejectedError:
            return False
        return True

    def expire_if_due(self, file: File) -> SweepOutcome | None:
        """Expire the file if it is time; otherwise let a later sweep look again."""
        return None if self.queue.postpone_check(file) else self.expire(file)

    def expire(self, file: File) -> SweepOutcome | None:
        """Abort the multipart upload and expire the file.

        The upload is aborted first: of an expired file, nothing would be found again.
        """
        if file.multipart_upload_id is not None:
            self.storage.abort_multipart_upload(file.object_key, file.multipart_upload_id)
        if file.size is None:
            self._abort_unknown(file)
        return None if self.queue.expire(file) is None else SweepOutcome.UPLOAD_ABANDONED

    def _abort_unknown(self, file: File) -> None:
        """Abort multipart uploads that the client has created itself and never named (Uppy's `signRequest`)."""
        for upload_id in self.storage.multipart_uploads(file.object_key):
            self.storage.abort_multipart_upload(file.object_key, upload_id)


def _sizes_of_parts(file: File) -> dict[int, int]:
    """Return the bytes of each part by its number."""
    assert file.size is not None
    assert file.part_size is not None
    numbers = range(1, part_count(file) + 1)
    return {number: size_of_part(number, file.size, file.part_size) for number in numbers}
