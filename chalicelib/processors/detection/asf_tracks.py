"""Read the streams of Windows Media files. Advanced Systems Format, 3"""

from typing import BinaryIO

MAX_OBJECTS = 256

_HEADER = 30
"""Bytes of the header object before the objects in it: id, size, their number, and two that are reserved."""

_OBJECT = 24
"""Bytes of an object's id and size."""

_STREAM = bytes.fromhex("9107dcb7b7a9cf118ee600c00c205365")
_AUDIO = bytes.fromhex("409e69f84d5bcf11a8fd00805f5c442b")
_VIDEO = {
    bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b"),
    bytes.fromhex("00e11bb64e5bcf11a8fd00805f5c442b"),
    bytes.fromhex("e07d903515e4cf11a91700805f5c442b"),
}
"""The types of streams: video, and pictures as JFIF and as degradable JPEG. 10.4"""


def has_only_audio(source: BinaryIO, size: int) -> bool:
    """Return whether there is a stream of audio and none of video."""
    kinds = _read_stream_kinds(source, size)
    return _AUDIO in kinds and kinds.isdisjoint(_VIDEO)


def _read_stream_kinds(source: BinaryIO, size: int) -> set[bytes]:
    """Return the types of the streams whose properties are in the header. 3.3"""
    source.seek(0)
    end, position = int.from_bytes(source.read(_HEADER)[16:24], "little"), _HEADER
    kinds = set()
    for _ in range(MAX_OBJECTS):
        source.seek(position)
        begin = source.read(_OBJECT + 16)
        length = int.from_bytes(begin[16:24], "little")
        if position >= min(end, size) or length < _OBJECT:
            break
        if begin.startswith(_STREAM):
            kinds.add(begin[_OBJECT:])
        position += length
    return kinds
