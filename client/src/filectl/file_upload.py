"""Uploads one file, or continues an upload that was interrupted."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http import HTTPStatus
from threading import Event
from typing import TYPE_CHECKING, BinaryIO

from filectl.errors import StoppedError
from filectl.sources import STANDARD_INPUT, Source
from filectl.upload_states import StoredState, UploadKey, UploadState, UploadStates, begin_state

if TYPE_CHECKING:
    from file_loader_client import Client, File, Progress

GONE_STATUSES = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
GONE_CODES = {"deleted_during_upload", "idempotency_key_reused"}


@dataclass(frozen=True, slots=True)
class Description:
    """How uploaded files are described, by the options."""

    name: str | None = None
    type: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    has_path: bool = True
    """Whether a file of a folder gets its path as metadata."""

    def name_of(self, source: Source) -> str:
        """Return the name to store."""
        return self.name or source.name

    def metadata_of(self, source: Source) -> dict[str, str]:
        """Return the metadata of a file, with its path: the service keeps only the last part of a name."""
        path = {"path": source.relative_path} if source.relative_path and self.has_path else {}
        return path | dict(self.metadata)


@dataclass(frozen=True, slots=True)
class FileUploader:
    """Uploads files to one service. Several threads may use it."""

    client: "Client"
    url: str
    owner: str | None
    """For whom an administrator uploads."""
    description: Description
    states: UploadStates
    is_resumed: bool
    """Whether to continue what was interrupted; otherwise it is forgotten."""
    stop: Event
    """Ends the uploads, wherever they are."""

    def upload(self, source: Source, parallel: int, show: "Callable[[Progress], None]") -> "File":
        """Upload a file, `parallel` parts at once, and return it when its bytes are stored and verified."""

        def show_or_stop(progress: "Progress") -> None:
            if self.stop.is_set():
                raise StoppedError
            show(progress)

        send = partial(
            self.client.upload,
            name=self.description.name_of(source),
            type=self.description.type,
            metadata=self.description.metadata_of(source) or None,
            parallel=parallel,
            progress=show_or_stop,
        )
        if source.size is None:
            with _open_stream(source) as stream:
                return send(stream)
        with self.states.hold(self._key_of(source)) as stored:
            if not self.is_resumed:
                stored.remove()
            return _continue(self.client, stored, partial(send, source.path))

    def forget(self, source: Source) -> None:
        """Forget that the file was uploaded: the next command uploads it anew."""
        with self.states.hold(self._key_of(source)) as stored:
            stored.remove()

    def _key_of(self, source: Source) -> UploadKey:
        return UploadKey(
            url=self.url.rstrip("/"),
            owner=self.owner,
            path=str(source.path.absolute()),
            size=source.size or 0,
            modified_ns=source.modified_ns,
            name=self.description.name_of(source),
            type=self.description.type,
            metadata=self.description.metadata_of(source),
        )


def _continue(client: "Client", stored: StoredState, send: "Callable[..., File]") -> "File":
    """Continue the stored upload. Begin anew if there is none, or the service doesn't know it any more."""
    from file_loader_client import ServiceError

    state = stored.load()
    if state:
        try:
            if state.is_stored and state.upload_id:
                return client.file(state.upload_id)
            return _send(stored, state, send)
        except ServiceError as error:
            if error.status not in GONE_STATUSES and error.code not in GONE_CODES:
                raise
    return _send(stored, stored.save(begin_state()), send)


def _send(stored: StoredState, state: UploadState, send: "Callable[..., File]") -> "File":
    """Send what S3 doesn't have. The key is stored before: a repeated request creates no second upload."""
    file = send(
        idempotency_key=state.idempotency_key,
        resume=state.upload_id,
        on_create=lambda upload: stored.save(replace(state, upload_id=upload.id)),
    )
    stored.save(replace(state, upload_id=file.id, is_stored=True))
    return file


@contextmanager
def _open_stream(source: Source) -> Iterator[BinaryIO]:
    if str(source.path) == STANDARD_INPUT:
        yield sys.stdin.buffer
    else:
        with source.path.open("rb") as stream:
            yield stream
