"""Detect whether a container for audio and video holds audio alone, by its tracks."""

from collections.abc import Callable
from typing import BinaryIO

from chalicelib.processors.detection import asf_tracks, flv_tracks, iso_tracks, matroska_tracks
from chalicelib.processors.detection.bounded_read import read_within_limits

_AUDIO: dict[str, tuple[str, Callable[[BinaryIO, int], bool]]] = {
    "video/mp4": ("audio/mp4", iso_tracks.has_only_audio),
    "video/3gpp": ("audio/3gpp", iso_tracks.has_only_audio),
    "video/3gpp2": ("audio/3gpp2", iso_tracks.has_only_audio),
    "video/quicktime": ("audio/quicktime", iso_tracks.has_only_audio),
    "video/x-matroska": ("audio/x-matroska", matroska_tracks.has_only_audio),
    "video/webm": ("audio/webm", matroska_tracks.has_only_audio),
    "video/x-ms-asf": ("audio/x-ms-wma", asf_tracks.has_only_audio),
    "video/x-flv": ("audio/x-flv", flv_tracks.has_only_audio),
}
"""The type of a container with audio alone, and the function that detects it. RFC 4337, 3839, 4393 and 9559.
No type is registered for audio in QuickTime and in Flash Video: these names say what it is."""


def detect_audio_only(source: BinaryIO, size: int, media_type: str) -> str:
    """Return the type for audio if the container has audio and no video, else its type.

    Raises the exceptions of the storage.
    """
    if media_type not in _AUDIO:
        return media_type
    audio_type, has_only_audio = _AUDIO[media_type]
    is_audio = read_within_limits(source, size, lambda bounded: has_only_audio(bounded, size), False)
    return audio_type if is_audio else media_type
