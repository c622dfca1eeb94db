"""Read Sun's and NeXT's .au. audio(5)"""

import struct
from typing import BinaryIO

from chalicelib.processors.audio.pcm import PcmAudio, audio_length

_HEADER = struct.Struct(">4xIIIII")
"""Where the audio begins, its length, the encoding, samples per second, channels."""

_BYTES = {1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1}
"""Bytes of a sample by encoding: mu-law, integers, floating point, A-law."""


def read_au(source: BinaryIO, size: int) -> PcmAudio | None:
    """Return the facts in the header, or None if the audio is compressed."""
    source.seek(0)
    start, declared, encoding, rate, channels = _HEADER.unpack(source.read(_HEADER.size))
    if not (rate and channels and encoding in _BYTES):
        return None
    return PcmAudio(channels, rate, channels * _BYTES[encoding], audio_length(declared, size - start))
