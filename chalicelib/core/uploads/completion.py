"""Completing an upload: S3 makes the file's object of its parts."""

from collections.abc import Sequence

from msgspec import Struct

from chalicelib.core.errors import (
    DELETED_DURING_UPLOAD,
    FILE_TOO_LARGE,
    UPLOAD_EXPIRED,
    UPLOAD_INCOMPLETE,
    MultipartUploadMissingError,
    ObjectExistsError,
    PartsRejectedError,
    ServiceError,
)
from chalicelib.core.files.delete_file import DeleteObjects, delete_objects
from chalicelib.core.files.model import File
from chalicelib.core.files.ports import Files, Tombstones
from chalicelib.core.files.statuses import Status
from chalicelib.core.limits.model import Limits
from chalicelib.core.storage import ObjectHead, PartRef, Storage, UploadedPart
from chalicelib.core.uploads.ports import Uploads
from chalicelib.core.uploads.sign_urls import part_count


class Completion(Struct, frozen=True, kw_only=True):
    """Completes uploads."""

    files: Files
    uploads: Uploads
    tombstones: Tombstones
    storage: Storage
    limits: Limits

    def complete(self, file: File, parts: Sequence[PartRef] | None) -> File:
        """Return the file, whose bytes are all there. One statement. Of a multipart upload one S3 request, and
        without the parts, or where the size of the file isn't known, another one for each 1,000 parts.

        S3 verifies the ETag of each part, the size of all, and the checksum if it was given as CRC64NVME. A
        completed file is returned as it is: the event may have been faster.

        Raises ServiceError: UPLOAD_INCOMPLETE, UPLOAD_EXPIRED, FILE_TOO_LARGE, DELETED_DURING_UPLOAD,
        STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE, INSUFFICIENT_STORAGE.
        """
        if file.status is Status.EXPIRED:
            raise ServiceError(UPLOAD_EXPIRED)
        if file.status is not Status.AWAITING_UPLOAD:
            return file
        if file.multipart_upload_id is None:
            head = self.storage.head(file.object_key)
            if head is None:
                raise ServiceError(UPLOAD_INCOMPLETE, reason="S3 doesn't have the file yet")
            etag = _verified_etag(file, head)
        else:
            etag = self._complete_multipart(file, file.multipart_upload_id, parts)
        uploaded = self.files.mark_uploaded(file.owner, file.id, etag)
        if uploaded is None:
            self.storage.delete(file.object_key)
            raise ServiceError(DELETED_DURING_UPLOAD)
        return uploaded

    def require_size_within_limit(self, file: File) -> int:
        """Return the bytes of all parts that S3 has. If they are more than the limit, the upload is aborted.

        Raises ServiceError: FILE_TOO_LARGE, UPLOAD_EXPIRED, STORAGE_UNAVAILABLE, DATABASE_UNAVAILABLE,
        INSUFFICIENT_STORAGE.
        """
        try:
            size = sum(part.size for part in self._list_parts(file, file.multipart_upload_id or ""))
        except MultipartUploadMissingError:
            raise ServiceError(UPLOAD_EXPIRED) from None
        self._require_within_limit(file, size)
        return size

    def _complete_multipart(self, file: File, upload_id: str, parts: Sequence[PartRef] | None) -> str | None:
        """Complete S3's multipart upload. Return the object's ETag, unless the row has a checksum that S3 couldn't
        verify."""
        try:
            size = file.size
            if parts is None or size is None:
                listed = self._list_parts(file, upload_id)
                parts = listed if parts is None else parts
                size = _total_size(parts, listed) if size is None else size
            self._require_within_limit(file, size)
            _check_numbers(file, parts)
            etag = self.storage.complete_multipart_upload(
                file.object_key, upload_id, parts, size=size, checksum=file.checksum
            )
        except PartsRejectedError as error:
            raise ServiceError(UPLOAD_INCOMPLETE, reason=error.reason) from None
        except (MultipartUploadMissingError, ObjectExistsError):
            head = self.storage.head(file.object_key)
            if head is None:
                if self.files.get(file.owner, file.id) is None:
                    raise ServiceError(DELETED_DURING_UPLOAD) from None
                raise ServiceError(UPLOAD_EXPIRED) from None
            return _verified_etag(file, head)
        return None if file.checksum is not None and file.checksum.algorithm == "sha256" else etag

    def _list_parts(self, file: File, upload_id: str) -> Sequence[UploadedPart]:
        listed = self.storage.list_parts(file.object_key, upload_id)
        if listed is None:
            raise MultipartUploadMissingError
        return listed

    def _require_within_limit(self, file: File, size: int) -> None:
        """If the file is above the limit, delete it, because it can't get smaller, and raise FILE_TOO_LARGE."""
        limit = self.limits.of(file.owner).max_file_bytes
        if size <= limit:
            return
        if deleted := self.uploads.delete(file.owner, file.id):
            delete_objects(DeleteObjects(deleted), tombstones=self.tombstones, storage=self.storage)
        raise ServiceError(FILE_TOO_LARGE, size=size, limit=limit)


def _verified_etag(file: File, head: ObjectHead) -> str | None:
    """Return the object's ETag, unless the row has a checksum that isn't this object's: another tool may have put
    the object. Without the ETag, processing finds out the checksum."""
    return head.etag if file.checksum in {None, head.checksum} else None


def _total_size(parts: Sequence[PartRef], listed: Sequence[UploadedPart]) -> int:
    """Return the bytes of the parts. Raises PartsRejectedError if S3 doesn't have one."""
    sizes = {part.number: part.size for part in listed}
    if missing := [part.number for part in parts if part.number not in sizes]:
        raise PartsRejectedError(f"S3 doesn't have part {missing[0]}")
    return sum(sizes[part.number] for part in parts)


def _check_numbers(file: File, parts: Sequence[PartRef]) -> None:
    """Raise ServiceError(UPLOAD_INCOMPLETE) unless these are the parts of the file, each once and in order."""
    numbers = [part.number for part in parts]
    if file.part_size is None:
        return  # the client has chosen the sizes
    expected = range(1, part_count(file) + 1)
    if numbers == list(expected):
        return
    if missing := sorted(set(expected) - set(numbers)):
        reason = f"{len(missing)} of {len(expected)} parts missing, the first is part {missing[0]}"
    else:
        reason = f"its parts must be 1 to {len(expected)}, each once and in ascending order"
    raise ServiceError(UPLOAD_INCOMPLETE, reason=reason)
