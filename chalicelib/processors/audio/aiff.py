"""Read AIFF and AIFF-C. Audio Interchange File Format 1.3, and AIFF-C (Apple, 1991)"""

import math
from typing import BinaryIO

from chalicelib.processors.audio.pcm import PcmAudio, audio_length

MAX_CHUNKS = 256

_UNCOMPRESSED = {b"", b"NONE", b"twos", b"sowt", b"raw ", b"in24", b"in32", b"fl32", b"FL32", b"fl64", b"FL64"}
"""AIFF names no compression."""

_BEFORE_AUDIO = 8
"""Bytes of the chunk before the samples: an offset and a block size, both 0."""


def read_aiff(source: BinaryIO, size: int) -> PcmAudio | None:
    """Return the facts in the header, or None if the audio is compressed."""
    position, common, audio = 12, b"", None
    for _ in range(MAX_CHUNKS):
        source.seek(position)
        header = source.read(8)
        if position >= size or len(header) < 8:
            break
        start, length = position + 8, int.from_bytes(header[4:])
        if header.startswith(b"COMM"):
            common = source.read(min(length, 22))
        elif header.startswith(b"SSND"):
            audio = start + _BEFORE_AUDIO, length - _BEFORE_AUDIO
        if common and audio:
            break
        position = start + length + length % 2
    return _parse_common(common, *audio, size) if audio else None


def _parse_common(common: bytes, start: int, declared: int, size: int) -> PcmAudio | None:
    """Parse the chunk with the channels, the number of samples, bits, the rate and, in AIFF-C, the compression."""
    channels, bits = int.from_bytes(common[:2]), int.from_bytes(common[6:8])
    rate, bytes_per_sample = _extended(common[8:18]), channels * math.ceil(bits / 8)
    if not (rate and bytes_per_sample) or common[18:22] not in _UNCOMPRESSED:
        return None
    return PcmAudio(channels, rate, bytes_per_sample, audio_length(declared, size - start))


def _extended(data: bytes) -> float:
    """Return a positive number of 80 bits, as in IEEE 754's extended format."""
    exponent, mantissa = int.from_bytes(data[:2]), int.from_bytes(data[2:10])
    return math.ldexp(mantissa, exponent - 16383 - 63) if exponent < 16383 + 32 else 0
