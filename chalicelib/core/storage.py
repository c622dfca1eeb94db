"""The bucket, as the use cases need it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from msgspec import Struct

from chalicelib.core.files.model import Checksum
from chalicelib.core.processing.object_ref import ObjectRef


class ObjectHead(Struct, frozen=True):
    """An object's metadata, as the storage has it."""

    size: int
    media_type: str | None
    checksum: Checksum | None
    """Of the whole object; None where the storage has none, or only one composed of its parts' checksums."""
    etag: str
    """Without quotation marks."""


class ObjectRange(Struct, frozen=True):
    """Some bytes of an object."""

    data: bytes
    size: int
    """Of the whole object."""
    etag: str


class ObjectPage(Struct, frozen=True):
    """A page of the bucket's listing, in the order of the keys' UTF-8 bytes."""

    objects: Sequence[ObjectRef]
    has_more: bool
    """There are objects after these."""


class PresignedRequest(Struct, frozen=True):
    """A signed request to the storage, which any client may send until it expires."""

    method: str
    url: str
    headers: Mapping[str, str]
    """To be sent as they are, besides Content-Length, which every HTTP client sends by itself."""


class PresignedForm(Struct, frozen=True):
    """A form (`multipart/form-data`) to be sent by POST. Its last field is `file`, with the bytes."""

    url: str
    fields: Mapping[str, str]


class PartRef(Struct, frozen=True, kw_only=True):
    """A part of a multipart upload, as a client names it."""

    number: int
    """From 1 to 10,000."""
    etag: str
    """Without quotation marks."""


class UploadedPart(PartRef, frozen=True, kw_only=True):
    """A part that the storage has."""

    size: int


class Objects(Protocol):
    """The bucket's objects. Each call is one request.

    Raises ServiceError(STORAGE_UNAVAILABLE) when the storage doesn't respond or refuses, and
    ServiceError(INSUFFICIENT_STORAGE) when it is full.
    """

    def check(self) -> None:
        """Return if the bucket can be reached, and isn't full."""

    def put(self, key: str, body: bytes, media_type: str, checksum: Checksum | None = None) -> str:
        """Store an object and return its ETag. With a checksum, a SHA-256, the storage refuses bytes that don't
        match it. After INSUFFICIENT_STORAGE there is certainly no new object."""

    def head(self, key: str) -> ObjectHead | None:
        """Return what is known of the object, or None if there is none."""

    def read(self, key: str, start: int, length: int, etag: str | None = None) -> ObjectRange:
        """Return up to `length` bytes from `start`. Raises ObjectMissingError if there is no object, and
        ObjectChangedError if its ETag is another one, or it ends before `start`."""

    def tags(self, key: str) -> Mapping[str, str]:
        """Return the object's tags. Raises ObjectMissingError if there is no object."""

    def list(self, prefix: str, after: str) -> ObjectPage:
        """Return up to 1,000 objects whose keys begin with `prefix` and come after the key `after`."""

    def delete(self, key: str) -> None:
        """Delete the object; do nothing if there is none."""


class MultipartUploads(Protocol):
    """The bucket's multipart uploads: objects that are uploaded in parts. Each call is one request, except for the
    lists, which make one for each 1,000 entries. Raises what `Objects` raises.

    Every part but the last has at least 5 MiB, each at most 5 GiB, and there are at most 10,000.
    """

    def create_multipart_upload(self, key: str, media_type: str, checksum: Checksum | None = None) -> str:
        """Create one and return its id. The object will have a CRC64NVME of all its bytes. It can only be verified
        at the end if it is given here, too."""

    def list_parts(self, key: str, upload_id: str) -> Sequence[UploadedPart] | None:
        """Return all parts by their numbers, or None if there is no such multipart upload."""

    def complete_multipart_upload(
        self, key: str, upload_id: str, parts: Sequence[PartRef], *, size: int | None, checksum: Checksum | None
    ) -> str:
        """Make the parts, in ascending order, an object and return its ETag.

        The storage refuses it if the object wouldn't have this size, or this CRC64NVME; it can't verify a checksum
        of another algorithm, which is ignored. It never replaces an object. When it is called again for a
        completed multipart upload, it returns the ETag again, or raises one of the first two errors below.

        Raises MultipartUploadMissingError, ObjectExistsError, PartsRejectedError, and STORAGE_UNAVAILABLE also
        where the storage failed after it had begun to respond, or another request to the same key came in between:
        then whether there is an object is known only from `head`, and the call may be repeated.
        """

    def abort_multipart_upload(self, key: str, upload_id: str) -> None:
        """Delete its parts; do nothing if there is no such multipart upload. A part that is on its way meanwhile
        may stay: the bucket's lifecycle deletes it."""

    def multipart_uploads(self, key: str) -> Sequence[str]:
        """Return the ids of the open ones for exactly this key."""


class PresignedRequests(Protocol):
    """Requests to the bucket that others may make. Nothing here makes a request.

    The storage refuses what differs from the signed request in its method, URL or headers, and what comes after
    the lifetime, which is 7 days at most, or after the credentials of the signature have expired.
    Raises ServiceError(STORAGE_UNAVAILABLE) without credentials.
    """

    def download_url(self, key: str, *, media_type: str, disposition: str, lifetime: timedelta) -> str:
        """Return a presigned URL whose response has this Content-Type and Content-Disposition."""

    def put_url(
        self, key: str, *, size: int, media_type: str, checksum: Checksum | None, lifetime: timedelta
    ) -> PresignedRequest:
        """Return the request that stores an object of exactly this size, at most 5 GiB, this type and, if given,
        this SHA-256 or CRC64NVME. It is refused (412) if there is an object already."""

    def post_form(self, key: str, *, media_type: str, max_bytes: int, lifetime: timedelta) -> PresignedForm:
        """Return the form that stores an object of this type, and of at most `max_bytes` and 5 GiB. Unlike a PUT,
        it replaces an object."""

    def part_url(self, key: str, upload_id: str, number: int, *, size: int | None, lifetime: timedelta) -> str:
        """Return the URL that a part is PUT to. With a size, the part has exactly that. No headers are needed; the
        response has the part's ETag."""

    def unsized_put_url(self, key: str, *, lifetime: timedelta) -> str:
        """Return the URL that an object of any type and of at most 5 GiB is PUT to. It replaces an object. No
        headers are needed, nor with the following URLs: their clients may not be able to send any."""

    def create_multipart_upload_url(self, key: str, *, lifetime: timedelta) -> str:
        """Return the URL that a client POSTs to for what `create_multipart_upload` does. The Content-Type of the
        request is the object's."""

    def list_parts_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        """Return the URL of the first 1,000 parts."""

    def complete_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        """Return the URL that a client POSTs the list of parts to, to make them an object."""

    def abort_multipart_upload_url(self, key: str, upload_id: str, *, lifetime: timedelta) -> str:
        """Return the URL that a client sends DELETE to, to delete the parts."""


class Storage(Objects, MultipartUploads, PresignedRequests, Protocol):
    """The bucket."""
