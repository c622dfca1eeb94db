"""Presigned URLs that are renewed when they have expired."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from threading import Lock

from file_loader_client.connections import Connections
from file_loader_client.models import PresignedRequest, Upload
from file_loader_client.part_reader import PartReader
from file_loader_client.s3 import S3ResponseError, put
from file_loader_client.upload_calls import MAX_PART_URLS, UploadCalls

MAX_RENEWALS = 3
"""How often a request that S3 refuses with 403 is sent again with another URL."""

EXPIRY_MARGIN = timedelta(minutes=1)
"""A URL isn't used so shortly before it expires: S3 may refuse it by the time the request arrives."""


def put_renewing(
    connections: Connections,
    request: PresignedRequest,
    body: PartReader,
    renew: Callable[[PresignedRequest], PresignedRequest],
) -> str:
    """Send the body and return its ETag. S3's 403 has `renew` return another request. Raises S3ResponseError."""
    for _ in range(MAX_RENEWALS):
        try:
            return put(connections, request, body)
        except S3ResponseError as error:
            if error.status != 403 and error.code != "RequestTimeout":  # of a laptop that was asleep
                raise
        body.seek(0)
        request = renew(request)
    return put(connections, request, body)


class PartRequests:
    """The presigned requests of the parts that are to be sent, from the service a batch at a time."""

    def __init__(self, calls: UploadCalls, upload: Upload, numbers: Sequence[int]) -> None:
        """Take the parts' numbers in ascending order, and the URLs that came with the upload."""
        self._calls = calls
        self._upload_id = upload.id
        self._numbers = numbers
        self._lock = Lock()
        self._urls = {part.number: part.url for part in upload.parts or ()}
        self._expires_at = upload.url_expires_at

    def get(self, number: int) -> PresignedRequest:
        """Return a request whose URL is valid for a while."""
        with self._lock:
            if number not in self._urls or self._expires_soon():
                self._fetch(number)
            return self._request(number)

    def renew(self, number: int, refused: PresignedRequest) -> PresignedRequest:
        """Return a request with another URL than the refused one."""
        with self._lock:
            if self._urls.get(number) in (None, refused.url):
                self._fetch(number)
            return self._request(number)

    def _expires_soon(self) -> bool:
        return self._expires_at is not None and datetime.now(UTC) > self._expires_at - EXPIRY_MARGIN

    def _fetch(self, number: int) -> None:
        first = bisect_left(self._numbers, number)
        found = self._calls.part_urls(self._upload_id, self._numbers[first : first + MAX_PART_URLS])
        self._urls = {part.number: part.url for part in found.parts}
        self._expires_at = found.url_expires_at

    def _request(self, number: int) -> PresignedRequest:
        return PresignedRequest("PUT", self._urls[number], {})
