"""Audio and video: duration, codecs, dimensions, by MediaInfo, which requests the parts that it needs."""

import io
from contextlib import suppress
from typing import Any, BinaryIO

import msgspec
from pymediainfo import MediaInfo

from chalicelib.core.errors import UNREADABLE_MEDIA, BadContentError
from chalicelib.core.processing.processor_result import ProcessorResult
from chalicelib.core.streams.truncating_reader import TruncatingReader
from chalicelib.processors.audio.pcm import PcmAudio
from chalicelib.processors.audio.read import read_pcm
from chalicelib.processors.dates import is_real_date
from chalicelib.processors.structures.id3 import has_id3_tag, measure_id3_tag

UNREADABLE = UNREADABLE_MEDIA
LIMIT = 1536 * 1024

MAX_TRACKS = 20
"""Tracks that are described; all are counted."""

MIN_BITS_PER_SECOND = 1
"""A file that had fewer can't be right. A picture that is shown for an hour has more."""

PARSE_SPEED = 0.0
"""MediaInfo's scale from 0 to 1: at 0 it trusts the headers, above it also reads samples throughout the file."""

_GENERAL = {
    "Format": "format",
    "Title": "title",
    "Album": "album",
    "Performer": "artist",
    "Recorded_Date": "recorded_at",
}
_TRACK = {"Format": "codec", "Language": "language"}
_NUMBERS = {
    "Width": "width",
    "Height": "height",
    "FrameRate": "frames_per_second",
    "Rotation": "rotation",
    "Channels": "channels",
    "SamplingRate": "samples_per_second",
    "BitRate": "bits_per_second",
}
_BUFFER = 64 * 1024

_CONTAINERLESS = {"MPEG Audio", "AMR"}
"""Formats without a container. MediaInfo assumes the first frames' bit rate for all, and divides by it."""

_FRAME_COUNTS = (b"Xing", b"Info", b"VBRI")
_PROBE_BYTES = 4096
"""Names of the headers by which an encoder may say in the first frame how many follow, and bytes in which to look.
http://gabriel.mp3-tech.org/mp3infotag.html"""

MediaInfo.can_parse()  # loads the library; here, because each sandboxed child would load it again

_TRACK_KINDS = {"Video": "video", "Audio": "audio", "Text": "subtitles"}


def describe(source: BinaryIO, size: int, media_type: str) -> ProcessorResult:
    """Return `format`, `duration_seconds`, `title`, `artist`, `album`, `recorded_at`, and `tracks`, each with its
    `kind` (`video`, `audio` or `subtitles`), `codec`, and what of these it has: `language`, `duration_seconds`,
    `width`, `height` in pixels, `frames_per_second`, `rotation` in degrees, `channels`, `samples_per_second`,
    `bits_per_second`. `track_count` counts all. `incomplete` says that there is more than LIMIT bytes to read, and
    `duration_seconds_estimated` that the bit rate may change, and no header says how long the file takes.

    A duration that can't be right is left out. That of uncompressed audio is computed from its length.
    """
    pcm = read_pcm(source, size, media_type)
    reader = TruncatingReader(source)
    report = MediaInfo.parse(reader, output="JSON", full=False, parse_speed=PARSE_SPEED, buffer_size=_BUFFER)
    tracks: list[dict[str, Any]] = (msgspec.json.decode(report)["media"] or {}).get("track", [])
    general = next((track for track in tracks if track["@type"] == "General"), {})
    streams = [_track(track, size) for track in tracks if track["@type"] in _TRACK_KINDS]
    if pcm is not None and len(streams) <= 1:
        streams = [(streams or [{"kind": "audio", "codec": "PCM"}])[0] | _pcm_facts(pcm)]
    if not streams:
        raise BadContentError(UNREADABLE_MEDIA)
    durations = [stream["duration_seconds"] for stream in streams if stream.get("duration_seconds") is not None]
    duration = streams[0]["duration_seconds"] if pcm else _duration(general, size) or max(durations, default=None)
    estimated = general.get("Format") in _CONTAINERLESS and not _has_frame_count(reader)
    return ProcessorResult(
        {
            **_general(general),
            **_flag_estimates({"duration_seconds": duration}, estimated=estimated),
            "track_count": len(streams),
            "incomplete": reader.truncated or None,
            "tracks": [_flag_estimates(stream, estimated=estimated) for stream in streams[:MAX_TRACKS]],
        }
    )


def _pcm_facts(pcm: PcmAudio) -> dict[str, Any]:
    numbers = {
        "duration_seconds": pcm.duration_seconds,
        "channels": pcm.channels,
        "samples_per_second": pcm.samples_per_second,
        "bits_per_second": pcm.bits_per_second,
    }
    return {name: _number(number) for name, number in numbers.items()}


def _duration(track: dict[str, Any], size: int) -> float | None:
    """Return a duration that can be right, or None: a header that was never finished says 0, or centuries."""
    seconds = _number(track.get("Duration"))
    return seconds if seconds is not None and 0 < seconds <= size * 8 / MIN_BITS_PER_SECOND else None


def _has_frame_count(source: io.RawIOBase) -> bool:
    """Return whether MPEG audio says how many frames it has, in the first one after any ID3v2 tag."""
    source.seek(0)
    head = source.read(_PROBE_BYTES) or b""
    if has_id3_tag(head):
        source.seek(measure_id3_tag(head))
        head = source.read(_PROBE_BYTES) or b""
    return any(name in head for name in _FRAME_COUNTS)


def _flag_estimates(facts: dict[str, Any], *, estimated: bool) -> dict[str, Any]:
    names = [name for name in ("duration_seconds", "bits_per_second") if facts.get(name) is not None]
    return {**facts, **{f"{name}_estimated": True for name in names if estimated}}


def _general(track: dict[str, Any]) -> dict[str, str]:
    facts = _rename_keys(track, _GENERAL)
    if not is_real_date(facts.get("recorded_at", "")):
        facts.pop("recorded_at", None)
    return facts


def _track(stream: dict[str, Any], size: int) -> dict[str, Any]:
    numbers = {name: _number(stream.get(key)) for key, name in _NUMBERS.items()}
    duration = _duration(stream, size)
    if "Duration" in stream and duration is None:
        numbers["bits_per_second"] = None  # it was computed from that
    return {
        "kind": _TRACK_KINDS[stream["@type"]],
        **_rename_keys(stream, _TRACK),
        **numbers,
        "duration_seconds": duration,
    }


def _rename_keys(track: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    return {name: text for key, name in names.items() if isinstance(text := track.get(key), str) and text}


def _number(text: object) -> float | None:
    with suppress(TypeError, ValueError):
        number = float(text)  # type: ignore[arg-type]  # what isn't a number raises
        return int(number) if number.is_integer() else round(number, 3)
    return None
