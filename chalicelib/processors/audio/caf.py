"""Read Apple's Core Audio Format, as iPhones' voice messages have. Apple Core Audio Format Specification 1.0"""

import struct
from typing import BinaryIO

from chalicelib.processors.audio.pcm import PcmAudio, audio_length

MAX_CHUNKS = 64

_DESCRIPTION = struct.Struct(">d4sIIIII")
"""Samples per second, codec, flags, bytes and samples of a packet, channels, bits."""

_UNCOMPRESSED = {b"lpcm", b"alaw", b"ulaw"}
_EDITS = 4
"""Bytes before the audio: how often it was edited."""


def read_caf(source: BinaryIO, size: int) -> PcmAudio | None:
    """Return the facts in the header, or None if the audio is compressed."""
    position, description = 8, b""
    for _ in range(MAX_CHUNKS):
        source.seek(position)
        header = source.read(12)
        if position >= size or len(header) < 12:
            return None
        start, length = position + 12, int.from_bytes(header[4:], signed=True)
        if header.startswith(b"desc"):
            description = source.read(_DESCRIPTION.size)
        elif header.startswith(b"data"):
            return _parse_description(description, length - _EDITS, size - start - _EDITS)
        position = start + max(length, 0)
    return None


def _parse_description(data: bytes, declared: int, available: int) -> PcmAudio | None:
    rate, codec, _, packet_bytes, packet_samples, channels, _ = _DESCRIPTION.unpack(data)
    if codec not in _UNCOMPRESSED or not (0 < rate < 2**32 and packet_bytes and packet_samples == 1):
        return None
    return PcmAudio(channels, rate, packet_bytes, audio_length(declared, available))
