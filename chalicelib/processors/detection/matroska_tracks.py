"""Read the tracks of Matroska and WebM. RFC 9559, 5.1"""

from typing import BinaryIO

from chalicelib.processors.structures.ebml import Element, iter_elements, read_unsigned

_SEGMENT, _SEEK_HEAD, _TRACKS, _CLUSTER = 0x18538067, 0x114D9B74, 0x1654AE6B, 0x1F43B675
_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_TRACK, _TRACK_TYPE = 0xAE, 0x83
_VIDEO, _AUDIO = 1, 2


def has_only_audio(source: BinaryIO, size: int) -> bool:
    """Return whether there is a track of audio and none of video."""
    kinds = _read_track_types(source, size)
    return _AUDIO in kinds and _VIDEO not in kinds


def _read_track_types(source: BinaryIO, size: int) -> list[int]:
    segment = next(element for element in iter_elements(source, 0, size) if element.id == _SEGMENT)
    tracks = _find_tracks(source, segment)
    if tracks is None or not tracks.is_whole:  # there may have been video
        return []
    return [
        read_unsigned(source, field)
        for track in iter_elements(source, tracks.start, tracks.end)
        if track.id == _TRACK
        for field in iter_elements(source, track.start, track.end)
        if field.id == _TRACK_TYPE
    ]


def _find_tracks(source: BinaryIO, segment: Element) -> Element | None:
    """Return the element with the tracks: before the media, or where the segment's beginning says."""
    sought: list[int] = []
    for element in iter_elements(source, segment.start, segment.end):
        if element.id == _TRACKS:
            return element
        if element.id == _SEEK_HEAD:
            sought += _seek_positions(source, element)
        if element.id == _CLUSTER:
            break
    for position in sought:
        at = segment.start + position
        found = next(iter_elements(source, at, segment.end), None)
        if found is not None and found.id == _TRACKS:
            return found
    return None


def _seek_positions(source: BinaryIO, seek_head: Element) -> list[int]:
    """Return where the tracks should be, counted from the segment's content. 6.3"""
    positions = []
    for seek in iter_elements(source, seek_head.start, seek_head.end):
        if seek.id != _SEEK:
            continue
        fields = {field.id: read_unsigned(source, field) for field in iter_elements(source, seek.start, seek.end)}
        if fields.get(_SEEK_ID) == _TRACKS and _SEEK_POSITION in fields:
            positions.append(fields[_SEEK_POSITION])
    return positions
