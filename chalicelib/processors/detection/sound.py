"""Tell sound from video in containers of both, by their tracks."""

from collections.abc import Callable
from typing import BinaryIO

from chalicelib.processors.detection import asf_tracks, flv_tracks, iso_tracks, matroska_tracks
from chalicelib.processors.detection.bounded import read_within_limits

_SOUND: dict[str, tuple[str, Callable[[BinaryIO, int], bool]]] = {
    "video/mp4": ("audio/mp4", iso_tracks.has_only_sound),
    "video/3gpp": ("audio/3gpp", iso_tracks.has_only_sound),
    "video/3gpp2": ("audio/3gpp2", iso_tracks.has_only_sound),
    "video/quicktime": ("audio/quicktime", iso_tracks.has_only_sound),
    "video/x-matroska": ("audio/x-matroska", matroska_tracks.has_only_sound),
    "video/webm": ("audio/webm", matroska_tracks.has_only_sound),
    "video/x-ms-asf": ("audio/x-ms-wma", asf_tracks.has_only_sound),
    "video/x-flv": ("audio/x-flv", flv_tracks.has_only_sound),
}
"""The type of sound in a container, and what finds out. RFC 4337, 3839, 4393 and 9559. Nothing is registered for
sound in QuickTime and in Flash Video: these names say what it is."""

CONTAINERS = frozenset(_SOUND)


def detect_sound(source: BinaryIO, size: int, media_type: str) -> str:
    """Return the type for sound if the container, one of CONTAINERS, has sound and no video, else its type.

    Raises the exceptions of the storage.
    """
    sound_type, has_only_sound = _SOUND[media_type]
    is_sound = read_within_limits(source, size, lambda bounded: has_only_sound(bounded, size), False)
    return sound_type if is_sound else media_type
