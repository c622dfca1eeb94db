"""The client of the service."""

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from file_loader_client.account_calls import AccountCalls
from file_loader_client.connections import Connections
from file_loader_client.download import download_file, target_path
from file_loader_client.errors import InvalidResponseError
from file_loader_client.long_poll import wait_until_terminal
from file_loader_client.models import Change, Checksum, File, PartUrls, Upload, UploadedPart
from file_loader_client.progress import ProgressCallback
from file_loader_client.service import ResponseHook, Service
from file_loader_client.sources import Source, open_source
from file_loader_client.upload import UploadCallback, UploadOptions, upload_source
from file_loader_client.upload_calls import UploadCalls

DEFAULT_TIMEOUT = 60.0
"""Seconds without a byte from the server."""


class Client(AccountCalls):
    """Calls the service over HTTP. It can be used by several threads at once, and as a context manager.

    Each method raises ServiceError if the service refuses the call, UnreachableError if nothing responds, and
    InvalidResponseError if something else responds. Calls that fail for the moment are tried again.
    """

    def __init__(
        self,
        base_url: str,
        token: str | None = None,
        *,
        owner: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        on_response: ResponseHook | None = None,
    ) -> None:
        """Prepare calls of the service at `base_url`, which is what comes before `/api`. It connects later.

        `token` is sent to the service only: never to S3, nor to where it redirects. With `owner`, an administrator
        acts for this owner. `timeout` is how many seconds a server may be silent.
        `on_response` gets each response of the service: its method, its URL, and the response of urllib3.
        Raises ValueError for a token that can't be sent.
        """
        self._connections = Connections(timeout)
        self._service = Service(base_url, token, owner, self._connections, on_response)
        self._uploads = UploadCalls(self._service)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connections.close()

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
        options = UploadOptions(
            type=type,
            metadata=metadata,
            idempotency_key=idempotency_key,
            parallel=parallel,
            progress=progress,
            resume=resume,
            on_create=on_create,
        )
        with open_source(source, name) as opened:
            return upload_source(self._uploads, self._connections, opened, options)

    def files(
        self,
        *,
        status: str | None = None,
        type: str | None = None,
        q: str | None = None,
        text: str | None = None,
        mismatch: bool | None = None,
        order: str | None = None,
        metadata: Mapping[str, str] | None = None,
        page_size: int = 100,
    ) -> Iterator[File]:
        """Return the files that match all filters, the newest first unless `order` says otherwise.

        `type` is a detected type or a family of types such as `image/*`, `q` a part of the name, and `text` has
        words that the file's texts have. At most 1,000 files are a page; the next page is requested when the one
        before was used up.
        """
        filters: dict[str, str | int | None] = {
            "status": status,
            "type": type,
            "q": q,
            "text": text,
            "mismatch": None if mismatch is None else str(mismatch).lower(),
            "order": order,
            **{f"metadata.{key}": value for key, value in (metadata or {}).items()},
            "limit": page_size,
        }
        query = {key: value for key, value in filters.items() if value is not None}
        return self._service.pages("/api/files/", query, File)

    def file(self, file_id: str) -> File:
        """Return the file."""
        return self._service.call("GET", _path(file_id), File)

    def wait(self, file_id: str, timeout: float | None = None) -> File:
        """Return the file as soon as its status is terminal, so when it is processed or can't be.

        Raises WaitTimeoutError after `timeout` seconds; without, it waits as long as it takes.
        """
        return wait_until_terminal(self._service, _path(file_id), timeout)

    def changes(self, since: int = 0, *, follow: bool = False, interval: float = 1.0) -> Iterator[Change]:
        """Yield the changes after the one with the number `since`, of all files, in the order of their commits.

        With `follow`, it doesn't end: it asks for further ones every `interval` seconds.
        """
        while True:
            page = self._service.call("GET", "/api/changes", list[Change], query={"since": since, "limit": 1000})
            yield from page
            if page:
                since = page[-1].seq
            elif follow:
                time.sleep(interval)
            else:
                return

    def download(self, file_id: str, target: Path | str, *, progress: ProgressCallback | None = None) -> Path:
        """Download a file to the path `target`, or into it if it is a directory. Returns the path.

        An existing file is replaced, but only when all bytes are there and right: until then they are in a file
        beside it, with which the next call continues.
        """
        file = self.file(file_id)
        path = target_path(Path(target), file)
        download_file(self._connections, file, lambda: self._content_url(file_id), path, progress)
        return path

    def delete(self, file_id: str) -> None:
        """Delete the file and its bytes."""
        self._service.delete(_path(file_id))

    def update(self, file_id: str, *, name: str | None = None, metadata: Mapping[str, str] | None = None) -> File:
        """Rename the file, or replace its metadata, and return it."""
        fields = {"name": name, "metadata": metadata and dict(metadata)}
        patch = {key: value for key, value in fields.items() if value is not None}
        return self._service.call("PATCH", _path(file_id), File, json=patch)

    def reprocess(self, file_id: str) -> File:
        """Have the file processed again, and return it."""
        return self._service.call("POST", f"{_path(file_id)}/reprocess", File)

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
        return self._uploads.create(name, size, type, checksum, metadata, idempotency_key)

    def get_upload(self, upload_id: str) -> Upload:
        """Return the upload, with the parts that S3 has."""
        return self._uploads.get(upload_id)

    def part_urls(self, upload_id: str, numbers: Sequence[int]) -> PartUrls:
        """Return URLs for at most 100 parts."""
        return self._uploads.part_urls(upload_id, numbers)

    def complete_upload(self, upload_id: str, parts: Sequence[UploadedPart] | None = None) -> File:
        """Complete the upload, and return the file. Without `parts`, of the parts that S3 has."""
        return self._uploads.complete(upload_id, parts)

    def abort_upload(self, upload_id: str) -> None:
        """Abort an unfinished upload: nothing of it remains."""
        self._uploads.abort(upload_id)

    def _content_url(self, file_id: str) -> str:
        """Return a presigned URL of the file's content."""
        response = self._service.request("GET", f"{_path(file_id)}/content")
        if "Location" not in response.headers:
            raise InvalidResponseError(
                f"the service has no URL of the content: it responds with {response.status}, not with a redirect"
            )
        return response.headers["Location"]


def _path(file_id: str) -> str:
    return f"/api/files/{quote(file_id, safe='')}"
