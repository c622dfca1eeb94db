"""Audio and video, in the sandbox."""

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


def test_video_without_sound() -> None:
    assert facts_of(sample_files.make_video("mp4", sound=None))["track_count"] == 1


def test_file_that_only_begins_like_video_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(100))
    assert caught.value.kind is UNREADABLE_MEDIA
