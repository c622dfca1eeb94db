"""Sign the URLs to which a client sends a file's bytes."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chalicelib.core.errors import UPLOAD_EXPIRED, ServiceError
from chalicelib.core.files.model import File
from chalicelib.core.media_types.names import UNKNOWN
from chalicelib.core.storage import PresignedRequests
from chalicelib.core.uploads.limits import URL_LIFETIME, URLS_PER_REQUEST, count_parts, size_of_part
from chalicelib.core.uploads.model import PartUrl, PartUrls, Upload


def sign_upload(file: File, public_storage: PresignedRequests) -> Upload:
    """Return the upload with what its client needs first: the URL of the whole file, or those of the first parts.
    No request. Raises ServiceError: UPLOAD_EXPIRED, STORAGE_UNAVAILABLE."""
    if file.part_size is not None:
        urls = sign_parts(file, range(1, min(part_count(file), URLS_PER_REQUEST) + 1), public_storage)
        return Upload(file=file, parts=urls.parts, urls_expire_at=urls.expire_at)
    assert file.size is not None
    now = datetime.now(UTC)
    lifetime = url_lifetime(file, now)
    put = public_storage.put_url(
        file.object_key,
        size=file.size,
        media_type=file.declared_type or UNKNOWN,
        checksum=file.checksum,
        lifetime=lifetime,
    )
    return Upload(file=file, put=put, urls_expire_at=now + lifetime)


def sign_parts(file: File, numbers: Iterable[int], public_storage: PresignedRequests) -> PartUrls:
    """Return the URLs of these parts. No request. Raises ServiceError: UPLOAD_EXPIRED, STORAGE_UNAVAILABLE."""
    assert file.size is not None
    assert file.part_size is not None
    assert file.multipart_upload_id is not None
    now = datetime.now(UTC)
    lifetime = url_lifetime(file, now)
    urls = []
    for number in numbers:
        size = size_of_part(number, file.size, file.part_size)
        url = public_storage.part_url(
            file.object_key, file.multipart_upload_id, number, size=size, lifetime=lifetime
        )
        urls.append(PartUrl(number, url, size))
    return PartUrls(urls, now + lifetime)


def part_count(file: File) -> int:
    """Return how many parts the file has, whose part size the service has chosen."""
    assert file.size is not None
    assert file.part_size is not None
    return count_parts(file.size, file.part_size)


def url_lifetime(file: File, now: datetime) -> timedelta:
    """Return how long a URL may live: not longer than the upload. Raises ServiceError(UPLOAD_EXPIRED)."""
    left = file.expires_at - now if file.expires_at else timedelta(0)
    if left < timedelta(seconds=1):
        raise ServiceError(UPLOAD_EXPIRED)
    return min(URL_LIFETIME, left)
