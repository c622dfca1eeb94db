"""What is stored of an upload until all of the command is done, so that the same command can continue it."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from filectl.errors import FileProblemError
from filectl.file_locks import NameLocks

KEPT_SECONDS = 8 * 24 * 3600
"""The service gives up an upload after at most seven days."""


@dataclass(frozen=True, slots=True)
class UploadKey:
    """Which upload is continued: the same file, unchanged, with the same description, to the same service
    and for the same owner."""

    url: str
    owner: str | None
    path: str
    """Absolute."""
    size: int
    modified_ns: int
    name: str
    type: str | None
    metadata: Mapping[str, str]

    def digest(self) -> str:
        """Return a file name for it."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class UploadState:
    """How far an upload is. S3 knows the parts."""

    idempotency_key: str
    upload_id: str | None = None
    is_stored: bool = False
    """Whether all bytes are in S3."""


def begin_state() -> UploadState:
    """Return the state of a new upload."""
    return UploadState(str(uuid4()))


class StoredState:
    """The state of one upload in a file. Only one process has it at a time."""

    def __init__(self, path: Path, key: UploadKey) -> None:
        self._path = path
        self._key = key

    def load(self) -> UploadState | None:
        """Return the state, None if there is none. A crash of the machine may have left half a file."""
        try:
            return UploadState(**json.loads(self._path.read_text())["state"])
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def save(self, state: UploadState) -> UploadState:
        """Store the state and return it. A crash meanwhile leaves the one before."""
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps({"state": asdict(state), "upload": asdict(self._key)}))
        new.replace(self._path)
        return state

    def remove(self) -> None:
        """Forget the upload."""
        self._path.unlink(missing_ok=True)


class UploadStates:
    """The states of all uploads of this user."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._locks = NameLocks(folder / "locks")

    @contextmanager
    def hold(self, key: UploadKey) -> Iterator[StoredState]:
        """Yield the state of that upload. Raises FileProblemError if another process works on it."""
        digest = key.digest()
        with self._locks.hold(digest) as is_held:
            if not is_held:
                raise FileProblemError("already_running", "Another filectl is uploading this file.")
            yield StoredState(self._folder / f"{digest}.json", key)

    def remove_old(self) -> None:
        """Forget the uploads that the service has given up."""
        end = time.time() - KEPT_SECONDS
        for path in self._folder.glob("*.json"):
            with suppress(OSError):  # another process was faster
                if path.stat().st_mtime < end:
                    path.unlink()


def default_folder() -> Path:
    """Return where the states are."""
    from platformdirs import user_state_path

    return user_state_path("file-loader") / "uploads"
