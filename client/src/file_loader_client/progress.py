"""How far an upload or a download is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from file_loader_client.models import Upload


class Phase(StrEnum):
    """What a transfer is doing."""

    CHECKSUM = "checksum"
    """Reads the file to compute its checksum, before the upload."""
    UPLOAD = "upload"
    DOWNLOAD = "download"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one phase of a transfer is."""

    phase: Phase
    done: int
    """Bytes. It falls when a part has to be sent again."""
    total: int
    """Bytes."""
    resumed: int = 0
    """Bytes of `done` that an earlier attempt had transferred."""


ProgressCallback = Callable[[Progress], None]
"""Called often, by one thread at a time, which isn't always the same one. If it raises, the transfer ends."""

UploadCallback = Callable[[Upload], None]
"""Gets an upload."""
