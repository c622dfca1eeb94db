"""Audio and video, in the sandbox."""

import struct

import pytest

from chalicelib.core.errors import UNREADABLE_MEDIA, BadContentError
from tests.processors import sample_files
from tests.processors.analyze import analyze_bytes, facts_of


@pytest.mark.parametrize(
    ("kind", "codec", "sound", "codecs"),
    [
        ("mp4", "libx264", "aac", ["AVC", "AAC"]),
        ("mov", "mpeg4", "aac", ["MPEG-4 Visual", "AAC"]),
        ("matroska", "libx264", "flac", ["AVC", "FLAC"]),
        ("webm", "libvpx-vp9", "libopus", ["VP9", "Opus"]),
        ("avi", "mpeg4", "libmp3lame", ["MPEG-4 Visual", "MPEG Audio"]),
        ("mpegts", "libx264", "aac", ["AVC", "AAC"]),
        ("mxf", "mpeg2video", "pcm_s16le", ["MPEG Video", "PCM"]),
    ],
)
def test_video_facts(kind: str, codec: str, sound: str, codecs: list[str]) -> None:
    facts = facts_of(sample_files.make_video(kind, codec, sound))
    assert abs(facts["duration_seconds"] - 2) < 0.2
    assert [track["codec"] for track in facts["tracks"]] == codecs
    video, audio = facts["tracks"]
    assert (video["kind"], video["width"], video["height"]) == ("video", 160, 90)
    assert (audio["kind"], audio["channels"], audio["samples_per_second"]) == ("audio", 2, sample_files.RATE)


@pytest.mark.parametrize(
    ("kind", "codec", "name"),
    [
        ("mp3", "libmp3lame", "MPEG Audio"),
        ("ipod", "aac", "AAC"),
        ("flac", "flac", "FLAC"),
        ("wav", "pcm_s16le", "PCM"),
        ("ogg", "libopus", "Opus"),
        ("aiff", "pcm_s16be", "PCM"),
    ],
)
def test_audio_facts(kind: str, codec: str, name: str) -> None:
    facts = facts_of(sample_files.make_audio(kind, codec))
    assert abs(facts["duration_seconds"] - 2) < 0.1
    assert [(track["kind"], track["codec"]) for track in facts["tracks"]] == [("audio", name)]


def make_mp3(*, counted: bool, tag: bytes = b"") -> bytes:
    options = {"id3v2_version": "0", "write_xing": str(int(counted))}
    return tag + sample_files.make_audio("mp3", "libmp3lame", options=options)


@pytest.mark.parametrize("tag", [b"", b"ID3\4\0\0\0\0\x7f\x7f" + bytes(0x3FFF)])
def test_duration_from_first_frames_bit_rate_is_an_estimate(tag: bytes) -> None:
    counted_facts, estimated_facts = (facts_of(make_mp3(counted=counted, tag=tag)) for counted in (True, False))
    assert "duration_seconds_estimated" not in counted_facts | counted_facts["tracks"][0]
    assert estimated_facts["duration_seconds_estimated"] is True
    (track,) = estimated_facts["tracks"]
    assert (track["duration_seconds_estimated"], track["bits_per_second_estimated"]) == (True, True)


def test_duration_of_amr_is_an_estimate() -> None:
    loud, quiet = b"\x3c" + bytes(31), b"\x04" + bytes(12)  # RFC 4867, 5.3: 20 ms each
    facts = facts_of(b"#!AMR\n" + loud * 50 + quiet * 500)
    assert (facts["format"], facts["duration_seconds_estimated"]) == ("AMR", True)


@pytest.mark.parametrize(("kind", "codec"), [("mp3", "libmp3lame"), ("wav", "pcm_s16le"), ("flac", "flac")])
def test_duration_in_a_header_is_exact(kind: str, codec: str) -> None:
    assert "duration_seconds_estimated" not in facts_of(sample_files.make_audio(kind, codec))


def patch(content: bytes, mark: bytes, offset: int, data: bytes) -> bytes:
    """Overwrite the bytes that are so far after the first mark."""
    at = content.index(mark) + offset
    return content[:at] + data + content[at + len(data) :]


UNKNOWN_32, UNKNOWN_64 = (bytes(4), b"\xff" * 4), (bytes(8), b"\xff" * 8, b"\xff" * 7 + b"\x7f")
WAV, AIFF = sample_files.make_audio("wav", "pcm_s16le"), sample_files.make_audio("aiff", "pcm_s16be")
RF64 = sample_files.make_audio("wav", "pcm_s16le", options={"rf64": "always"})
WAVE64, CAF = sample_files.make_audio("w64", "pcm_s16le"), sample_files.make_audio("caf", "pcm_s16le")
AU = sample_files.make_audio("au", "pcm_s16be")

UNFINISHED = {
    **{f"WAV of {unknown.hex()}": patch(WAV, b"data", 4, unknown) for unknown in UNKNOWN_32},
    **{
        f"WAV to a pipe of {unknown.hex()}": patch(patch(WAV, b"data", 4, unknown), b"RIFF", 4, unknown)
        for unknown in UNKNOWN_32
    },
    "WAV longer than the file": patch(WAV, b"data", 4, b"\0\0\0\x70"),
    **{f"RF64 of {unknown.hex()}": patch(RF64, b"ds64", 8, unknown * 3) for unknown in UNKNOWN_64},
    "BW64": patch(RF64, b"RF64", 0, b"BW64"),
    **{f"Wave64 of {unknown.hex()}": patch(WAVE64, b"data", 16, unknown) for unknown in UNKNOWN_64},
    "AIFF without frames": patch(AIFF, b"COMM", 10, bytes(4)),
    "AIFF of too many frames": patch(AIFF, b"COMM", 10, b"\xff" * 4),
    **{f"AIFF of {unknown.hex()}": patch(AIFF, b"SSND", 4, unknown) for unknown in UNKNOWN_32},
    **{f"AU of {unknown.hex()}": patch(AU, b".snd", 8, unknown) for unknown in UNKNOWN_32},
    "CAF of an unknown size": patch(CAF, b"data", 4, b"\xff" * 8),
}
"""Sound whose header was never finished: it was written to a pipe, or the program was stopped."""


@pytest.mark.parametrize("name", UNFINISHED)
def test_duration_of_uncompressed_audio_follows_from_its_length(name: str) -> None:
    facts = facts_of(UNFINISHED[name])
    assert facts["duration_seconds"] == 2.005
    assert facts["tracks"] == [
        {
            "kind": "audio",
            "codec": "PCM",
            "duration_seconds": 2.005,
            "channels": 2,
            "samples_per_second": 48_000,
            "bits_per_second": 1_536_000,
        }
    ]


@pytest.mark.parametrize(
    "content", [WAV, AIFF, RF64, WAVE64, CAF, AU], ids=["WAV", "AIFF", "RF64", "Wave64", "CAF", "AU"]
)
def test_truncated_audio_is_as_long_as_what_is_left(content: bytes) -> None:
    assert abs(facts_of(content[: len(content) // 2])["duration_seconds"] - 1) < 0.01


def test_empty_wav_takes_no_time() -> None:
    assert facts_of(patch(WAV, b"data", 4, bytes(4))[: WAV.index(b"data") + 8])["duration_seconds"] == 0


def test_compressed_wav_has_its_duration() -> None:
    facts = facts_of(sample_files.make_audio("wav", "adpcm_ima_wav"))
    assert abs(facts["duration_seconds"] - 2) < 0.1
    assert facts["tracks"][0]["codec"] == "ADPCM"


FLAC, WEBM = sample_files.make_audio("flac", "flac"), sample_files.make_audio("webm", "libopus")
WEBM_DURATION = b"\x44\x89\x88"


@pytest.mark.parametrize("samples", [b"\xf0" + bytes(4), b"\xff" * 5], ids=["unknown", "too many"])
def test_impossible_number_of_samples_is_no_duration(samples: bytes) -> None:
    facts = facts_of(patch(FLAC, b"fLaC", 21, samples))
    assert "duration_seconds" not in facts
    assert {"duration_seconds", "bits_per_second"}.isdisjoint(facts["tracks"][0])


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 1e18, float("inf"), float("nan")])
def test_impossible_duration_of_a_container_gives_way_to_its_tracks(seconds: float) -> None:
    facts = facts_of(patch(WEBM, WEBM_DURATION, 3, struct.pack(">d", seconds)))
    assert facts["duration_seconds"] == facts["tracks"][0]["duration_seconds"] == 2.013


def test_recording_in_fragments_has_its_duration() -> None:
    content = sample_files.make_audio("mp4", "aac", options={"movflags": "frag_keyframe+empty_moov"})
    assert abs(facts_of(content)["duration_seconds"] - 2) < 0.1


@pytest.mark.parametrize(
    ("kind", "codec", "media_type"),
    [
        ("ac3", "ac3", "audio/ac3"),
        ("eac3", "eac3", "audio/eac3"),
        ("wv", "wavpack", "audio/x-wavpack"),
        ("tta", "tta", "audio/x-tta"),
        ("caf", "alac", "audio/x-caf"),
    ],
)
def test_further_audio_formats_are_described(kind: str, codec: str, media_type: str) -> None:
    analysis = analyze_bytes(sample_files.make_audio(kind, codec))
    assert analysis.detected_type == media_type
    assert abs(analysis.result["media"]["duration_seconds"] - 2) < 0.1


def make_recording_date(date: str) -> bytes:
    """Return a tag with it. https://id3.org/id3v2.4.0-frames, 4.2.5"""
    frame = b"TDRC" + struct.pack(">IH", len(date) + 1, 0) + b"\3" + date.encode()
    return b"ID3\4\0\0" + struct.pack(">I", len(frame)) + frame


@pytest.mark.parametrize(
    ("date", "recorded_at"),
    [
        ("2024-05-31", "2024-05-31"),
        ("1999", "1999"),
        ("0000", None),
        ("2024-13-40", None),
        ("1904-01-01T00:00:00", None),
        ("1970-01-01T00:00:00", None),
    ],
)
def test_impossible_recording_dates_are_left_out(date: str, recorded_at: str | None) -> None:
    assert facts_of(make_mp3(counted=True, tag=make_recording_date(date))).get("recorded_at") == recorded_at


def test_video_without_sound() -> None:
    assert facts_of(sample_files.make_video("mp4", sound=None))["track_count"] == 1


def test_file_that_only_begins_like_video_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    assert caught.value.kind is UNREADABLE_MEDIA
