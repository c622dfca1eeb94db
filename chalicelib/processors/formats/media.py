"""Audio and video: duration, codecs, dimensions, by MediaInfo, which asks for the parts that it needs."""

import functools
import io
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec
from pymediainfo import MediaInfo

from chalicelib.core.errors import UNREADABLE_MEDIA, BadContentError
from chalicelib.core.processing.processor_result import Described
from chalicelib.core.streams.truncating_reader import EndsEarly

UNREADABLE = UNREADABLE_MEDIA
LIMIT = 1536 * 1024

MAX_TRACKS = 20
"""Tracks that are described; all are counted."""

PARSE_SPEED = 0.0
"""MediaInfo's scale to 1: at 0 it believes the headers, above it also looks at samples from all over the file."""

_GENERAL = {
    "Format": "format",
    "Title": "title",
    "Album": "album",
    "Performer": "artist",
    "Recorded_Date": "recorded_at",
}
_TRACK = {"Format": "codec", "Language": "language"}
_NUMBERS = {
    "Duration": "duration_seconds",
    "Width": "width",
    "Height": "height",
    "FrameRate": "frames_per_second",
    "Rotation": "rotation",
    "Channels": "channels",
    "SamplingRate": "samples_per_second",
    "BitRate": "bits_per_second",
}
_BUFFER = 64 * 1024

_ONE_FRAME_AFTER_THE_OTHER = {"MPEG Audio", "AMR"}
"""Formats without a container. MediaInfo takes the first frames' bit rate for that of all, and divides by it."""

_FRAME_COUNTS = (b"Xing", b"Info", b"VBRI")
_BEGINNING = 4096
"""Names of what an encoder may put into the first frame to say how many follow, and bytes in which it is found.
http://gabriel.mp3-tech.org/mp3infotag.html"""

_KINDS = {"Video": "video", "Audio": "audio", "Text": "subtitles"}


def describe(source: BinaryIO, size: int) -> Described:  # noqa: ARG001  # every processor takes the size
    """Return `format`, `duration_seconds`, `title`, `artist`, `album`, `recorded_at`, and `tracks`, each with its
    `kind` (`video`, `audio` or `subtitles`), `codec`, and what of these it has: `language`, `duration_seconds`,
    `width`, `height` in pixels, `frames_per_second`, `rotation` in degrees, `channels`, `samples_per_second`,
    `bits_per_second`. `track_count` counts all. `incomplete` says that there is more than LIMIT bytes to read, and
    `duration_seconds_estimated` that the bit rate may change and nothing says how often."""
    reader = EndsEarly(source)
    report = MediaInfo.parse(reader, output="JSON", full=False, parse_speed=PARSE_SPEED, buffer_size=_BUFFER)
    tracks: list[dict[str, Any]] = (msgspec.json.decode(report)["media"] or {}).get("track", [])
    general = next((track for track in tracks if track["@type"] == "General"), {})
    streams = [track for track in tracks if track["@type"] in _KINDS]
    if not streams:
        raise BadContentError(UNREADABLE_MEDIA)
    estimated = general.get("Format") in _ONE_FRAME_AFTER_THE_OTHER and not _counts_frames(reader)
    return Described(
        {
            **_named(general, _GENERAL),
            **_marked({"duration_seconds": _number(general.get("Duration"))}, estimated=estimated),
            "track_count": len(streams),
            "incomplete": reader.ended_early or None,
            "tracks": [_marked(_track(stream), estimated=estimated) for stream in streams[:MAX_TRACKS]],
        }
    )


def _counts_frames(source: io.BufferedIOBase) -> bool:
    """Tell whether MPEG audio says how many frames it has, in the first one behind any ID3v2 tag.

    https://id3.org/id3v2.4.0-structure, 3.1: its size is of 7 bits a byte, without its header.
    """
    source.seek(0)
    head = source.read(_BEGINNING)
    if head.startswith(b"ID3"):
        size = functools.reduce(lambda so_far, byte: so_far << 7 | byte, head[6:10])
        source.seek(10 + size)
        head = source.read(_BEGINNING)
    return any(name in head for name in _FRAME_COUNTS)


def _marked(facts: dict[str, Any], *, estimated: bool) -> dict[str, Any]:
    names = [name for name in ("duration_seconds", "bits_per_second") if facts.get(name) is not None]
    return {**facts, **{f"{name}_estimated": True for name in names if estimated}}


def _track(stream: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: _number(stream.get(theirs)) for theirs, name in _NUMBERS.items()}
    return {"kind": _KINDS[stream["@type"]], **_named(stream, _TRACK), **numbers}


def _named(track: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    return {name: text for theirs, name in names.items() if isinstance(text := track.get(theirs), str) and text}


def _number(text: object) -> float | None:
    with suppress(TypeError, ValueError):
        number = float(text)  # type: ignore[arg-type]  # what isn't a number raises
        return int(number) if number.is_integer() else round(number, 3)
    return None
