"""The client of the service."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from file_loader_client.models import Change, Checksum, File, PartUrls, Upload, UploadedPart
from file_loader_client.progress import ProgressCallback, UploadCallback

DEFAULT_TIMEOUT = 60.0
"""Seconds without a byte from the server."""

Source = Path | str | bytes | BinaryIO
"""What to upload: the path of a file, its bytes, or a file opened in binary mode, from where it stands."""


class Client:
    """Calls the service over HTTP. It can be used by several threads at once, and as a context manager.

    Each method raises ServiceError if the service refuses the call, UnreachableError if nothing responds, and
    InvalidResponseError if something else responds. Calls that fail for the moment are tried again.
    """

    def __init__(self, base_url: str, token: str | None = None, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Prepare calls of the service at `base_url`, which is what comes before `/api`. It connects later.

        `token` is sent to the service only, never to S3. `timeout` is how many seconds a server may be silent.
        """
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        raise NotImplementedError

    def upload(
        self,
        source: Source,
        *,
        name: str | None = None,
        type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        parallel: int = 4,
        progress: ProgressCallback | None = None,
        resume: str | None = None,
        on_create: UploadCallback | None = None,
    ) -> File:
        """Upload a file of any size, and return it when all of its bytes are stored. It isn't processed then.

        `name` is the path's by default, and has to be given for bytes and for streams without one. A stream that
        can't seek is first copied into a temporary file. `type` is the media type to declare.

        A large file is sent as several parts, `parallel` at once. `resume` is the id of an upload that was begun
        with the same file: only the parts that S3 doesn't have are sent. `on_create` gets the upload as soon as it
        exists, before any byte is sent: store its id to resume it.

        Raises SourceChangedError if the file is changed meanwhile, VerificationError if the stored bytes aren't
        the file's, and another TransferError if S3 refuses them.
        """
        raise NotImplementedError

    def files(
        self,
        *,
        status: str | None = None,
        type: str | None = None,
        q: str | None = None,
        mismatch: bool | None = None,
        order: str | None = None,
        metadata: Mapping[str, str] | None = None,
        page_size: int = 100,
    ) -> Iterator[File]:
        """Yield the files that match all filters, the newest first unless `order` says otherwise.

        `type` is a detected type or a family of types such as `image/*`, `q` a part of the name. At most 1,000
        files are a page; the next page is requested when the one before was used up.
        """
        raise NotImplementedError

    def file(self, file_id: str) -> File:
        """Return the file."""
        raise NotImplementedError

    def wait(self, file_id: str, timeout: float | None = None) -> File:
        """Return the file as soon as its status is final, so when it is processed or can't be.

        Raises WaitTimeoutError after `timeout` seconds; without, it waits as long as it takes.
        """
        raise NotImplementedError

    def changes(self, since: int = 0, *, follow: bool = False, interval: float = 1.0) -> Iterator[Change]:
        """Yield the changes after the one with the number `since`, of all files, in the order of their commits.

        With `follow`, it doesn't end: it asks for further ones every `interval` seconds.
        """
        raise NotImplementedError

    def download(self, file_id: str, target: Path | str, *, progress: ProgressCallback | None = None) -> Path:
        """Download a file to the path `target`, or into it if it is a directory. Returns the path.

        An existing file is replaced, but only when all bytes are there and right: until then they are in a file
        beside it, with which the next call continues.
        """
        raise NotImplementedError

    def delete(self, file_id: str) -> None:
        """Delete the file and its bytes."""
        raise NotImplementedError

    def update(self, file_id: str, *, name: str | None = None, metadata: Mapping[str, str] | None = None) -> File:
        """Rename the file, or replace its metadata, and return it."""
        raise NotImplementedError

    def reprocess(self, file_id: str) -> File:
        """Have the file processed again, and return it."""
        raise NotImplementedError

    def create_upload(
        self,
        name: str,
        size: int,
        *,
        type: str | None = None,
        checksum: Checksum | None = None,
        metadata: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Upload:
        """Create an upload without sending bytes. A repeated call with the same key returns the same upload."""
        raise NotImplementedError

    def get_upload(self, upload_id: str) -> Upload:
        """Return the upload, with the parts that S3 has."""
        raise NotImplementedError

    def part_urls(self, upload_id: str, numbers: Sequence[int]) -> PartUrls:
        """Return URLs for at most 100 parts."""
        raise NotImplementedError

    def complete_upload(self, upload_id: str, parts: Sequence[UploadedPart] | None = None) -> File:
        """Complete the upload, and return the file. Without `parts`, of the parts that S3 has."""
        raise NotImplementedError

    def abort_upload(self, upload_id: str) -> None:
        """Abort an unfinished upload: nothing of it remains."""
        raise NotImplementedError
