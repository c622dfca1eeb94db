"""Read uncompressed audio by its media type."""

import struct
from contextlib import suppress
from typing import BinaryIO

from chalicelib.core.errors import BadContentError
from chalicelib.processors.audio.aiff import read_aiff
from chalicelib.processors.audio.au import read_au
from chalicelib.processors.audio.caf import read_caf
from chalicelib.processors.audio.pcm import PcmAudio
from chalicelib.processors.audio.riff import read_wav

_READERS = {
    "audio/aiff": read_aiff,
    "audio/basic": read_au,
    "audio/vnd.wave64": read_wav,
    "audio/wav": read_wav,
    "audio/x-caf": read_caf,
}


def read_pcm(source: BinaryIO, size: int, media_type: str) -> PcmAudio | None:
    """Return what the facts in a header of uncompressed audio, or None for other files and damaged headers."""
    reader = _READERS.get(media_type)
    with suppress(ArithmeticError, ValueError, struct.error, BadContentError):
        return reader(source, size) if reader else None
    return None
