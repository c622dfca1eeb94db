"""Read WAV, and its forms for large files: RF64, BW64 and Wave64.

Multimedia Programming Interface and Data Specifications 1.0, 3; EBU Tech 3306; ITU-R BS.2088; Sony Wave64.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.processors.audio.pcm import PcmAudio, audio_length

MAX_CHUNKS = 256

_FORMAT = struct.Struct("<HHIIHH")
"""The codec, channels, samples and bytes per second, and the bytes and bits of a sample."""

_PCM, _FLOAT, _A_LAW, _MU_LAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_UNCOMPRESSED = {_PCM, _FLOAT, _A_LAW, _MU_LAW}
_CODEC_AT = slice(24, 26)
"""In an extensible format, the first two bytes of the GUID that names the codec."""

_IN_DS64 = 2**32 - 1

Chunk = tuple[bytes, int, int]
"""Id, the offset of the content, and its length as declared."""


def read_wav(source: BinaryIO, size: int) -> PcmAudio | None:
    """Return the facts in the header, or None if the audio is compressed."""
    source.seek(0)
    head = source.read(12)
    chunks = _iter_wave64_chunks(source, size) if head.startswith(b"riff") else _iter_chunks(source, size)
    sound_format, large_length = b"", 0
    for identifier, start, length in chunks:
        if identifier == b"ds64":
            source.seek(start + 8)
            large_length = int.from_bytes(source.read(8), "little")
        elif identifier == b"fmt ":
            source.seek(start)
            sound_format = source.read(min(length, 40))
        elif identifier == b"data" and len(sound_format) >= _FORMAT.size:
            declared = large_length if length == _IN_DS64 and large_length else length
            return _parse_format(sound_format, audio_length(declared, size - start))
    return None


def _parse_format(data: bytes, length: int) -> PcmAudio | None:
    codec, channels, rate, _, bytes_per_sample, _ = _FORMAT.unpack_from(data)
    if codec == _EXTENSIBLE:
        codec = int.from_bytes(data[_CODEC_AT], "little")
    if codec not in _UNCOMPRESSED or not (channels and rate and bytes_per_sample):
        return None
    return PcmAudio(channels, rate, bytes_per_sample, length)


def _iter_chunks(source: BinaryIO, size: int) -> Iterator[Chunk]:
    """Yield the chunks, which begin at even offsets."""
    position = 12
    for _ in range(MAX_CHUNKS):
        source.seek(position)
        header = source.read(8)
        if position >= size or len(header) < 8:
            return
        length = int.from_bytes(header[4:], "little")
        yield header[:4], position + 8, length
        position += 8 + length + length % 2


def _iter_wave64_chunks(source: BinaryIO, size: int) -> Iterator[Chunk]:
    """Yield the chunks, which begin at multiples of eight.

    Their ids are GUIDs, of which the first four bytes are as in WAV, and their lengths include the header.
    """
    position = 40
    for _ in range(MAX_CHUNKS):
        source.seek(position)
        header = source.read(24)
        length = int.from_bytes(header[16:], "little")
        if position >= size or len(header) < 24:
            return
        yield header[:4], position + 24, max(length - 24, 0)
        position += max(length + -length % 8, 24)
