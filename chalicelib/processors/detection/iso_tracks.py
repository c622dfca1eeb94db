"""Read the tracks of ISO media files: their brands say little of them. ISO/IEC 14496-12"""

from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.processors.structures.iso_boxes import Box, find_box, iter_boxes, read_content

_STILL_PICTURES = {b"jpeg", b"png ", b"tiff", b"gif "}
"""Codecs of covers. Old cameras record video in the first."""


def has_only_audio(source: BinaryIO, size: int) -> bool:
    """Return whether there is a track of audio and none of video. A cover is no video: a track of one picture."""
    has_audio = False
    for handler in _read_handlers(source, size):
        if handler == b"vide":
            return False
        has_audio |= handler == b"soun"
    return has_audio


def _read_handlers(source: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the handlers of the tracks: `vide`, `soun`, `text` and others. 8.4.3"""
    index = find_box(source, Box(b"", 0, size), b"moov")
    if index is not None and index.is_whole:  # else there may have been video
        tracks = (box for box in iter_boxes(source, index.start, index.end) if box.kind == b"trak")
        yield from (_read_handler(source, track) for track in tracks)


def _read_handler(source: BinaryIO, track: Box) -> bytes:
    media = find_box(source, track, b"mdia")
    handler = find_box(source, media, b"hdlr") if media else None
    if media is None or handler is None:
        return b""
    kind = read_content(source, handler, 12)[8:]
    return b"" if kind == b"vide" and _is_cover(source, media) else kind


def _is_cover(source: BinaryIO, media: Box) -> bool:
    """Return whether a track is a single picture. 8.5.2 and 8.7.3.2"""
    codecs = find_box(source, media, b"minf", b"stbl", b"stsd")
    samples = find_box(source, media, b"minf", b"stbl", b"stsz")
    if codecs is None or samples is None:
        return False
    is_picture = read_content(source, codecs, 16)[12:16] in _STILL_PICTURES
    return is_picture and int.from_bytes(read_content(source, samples, 12)[8:12]) == 1
