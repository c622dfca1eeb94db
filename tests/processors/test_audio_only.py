"""Containers are audio or video by their tracks."""

import io
import struct
from collections.abc import Callable

import pytest

from chalicelib.core.errors import ServiceError
from chalicelib.processors.detection.detect import detect
from chalicelib.processors.structures.ebml import iter_elements
from chalicelib.processors.structures.iso_boxes import iter_boxes
from tests.processors import heic
from tests.processors.analyze import analyze_bytes
from tests.processors.failing_file import FailingFile
from tests.processors.sample_files import make_audio, make_video
from tests.processors.sparse_files import make_mkv, make_mp4
from tests.sparse import Sparse, SparseStorage

MEBIBYTE = 1024 * 1024


def type_of(content: bytes) -> str:
    return detect(io.BytesIO(content), len(content))


@pytest.mark.parametrize(
    ("kind", "codec", "media_type"),
    [
        ("mp4", "aac", "audio/mp4"),
        ("ipod", "aac", "audio/mp4"),
        ("mov", "pcm_s16le", "audio/quicktime"),
        ("3gp", "aac", "audio/3gpp"),
        ("3g2", "aac", "audio/3gpp2"),
        ("matroska", "flac", "audio/x-matroska"),
        ("webm", "libopus", "audio/webm"),
        ("asf", "libmp3lame", "audio/x-ms-wma"),
        ("flv", "aac", "audio/x-flv"),
        ("ogg", "flac", "audio/ogg"),
        ("ogg", "libopus", "audio/ogg"),
    ],
)
def test_container_without_video_is_audio(kind: str, codec: str, media_type: str) -> None:
    analysis = analyze_bytes(make_audio(kind, codec))
    assert analysis.detected_type == media_type
    assert [track["kind"] for track in analysis.result["media"]["tracks"]] == ["audio"]


@pytest.mark.parametrize(
    ("kind", "codec", "sound", "media_type"),
    [
        ("mp4", "libx264", "aac", "video/mp4"),
        ("mp4", "libx264", None, "video/mp4"),
        ("mov", "mpeg4", "pcm_s16le", "video/quicktime"),
        ("3gp", "libx264", "aac", "video/3gpp"),
        ("matroska", "libx264", "aac", "video/x-matroska"),
        ("webm", "libvpx-vp9", "libopus", "video/webm"),
        ("asf", "wmv2", "libmp3lame", "video/x-ms-asf"),
        ("flv", "flv1", "libmp3lame", "video/x-flv"),
    ],
)
def test_video_is_video(kind: str, codec: str, sound: str | None, media_type: str) -> None:
    assert type_of(make_video(kind, codec, sound)) == media_type


def make_ogg_page(packet: bytes, *, first: bool = True) -> bytes:
    """RFC 3533, 6"""
    return struct.pack("<4sBBQIIIBB", b"OggS", 0, 2 * first, 0, 1, 0, 0, 1, len(packet)) + packet


@pytest.mark.parametrize(
    ("packets", "media_type"),
    [
        ([b"\x80theora\3\2\1"], "video/ogg"),
        ([b"\1vorbis", b"\x80theora\3\2\1"], "video/ogg"),
        ([b"fishead\0" + bytes(56), b"OpusHead", b"BBCD\0"], "video/ogg"),
        ([b"\1video\0\0\0DIVX"], "video/ogg"),
        ([b"fishead\0" + bytes(56), b"\1vorbis"], "audio/ogg"),
        ([b"Speex   1.2"], "audio/ogg"),
        ([b"\x7fFLAC\1\0"], "audio/ogg"),
    ],
)
def test_any_stream_of_ogg_may_be_video(packets: list[bytes], media_type: str) -> None:
    content = b"".join(make_ogg_page(packet) for packet in packets) + make_ogg_page(b"\x80theora", first=False)
    assert type_of(content + bytes(9000)) == media_type


@pytest.mark.parametrize("flags", ["frag_keyframe+empty_moov", "frag_keyframe+delay_moov"])
def test_index_may_be_anywhere(flags: str) -> None:
    assert type_of(make_audio("mp4", "aac", options={"movflags": flags})) == "audio/mp4"


def test_audio_brand_is_trusted() -> None:
    """Audio books have chapters' pictures as video."""
    content = make_video("mp4", "mpeg4")
    assert type_of(content) == "video/mp4"
    assert type_of(content[:8] + b"M4B " + content[12:]) == "audio/mp4"


def make_iso(*tracks: bytes, end: bytes = b"") -> bytes:
    return heic.box(b"ftyp", b"isom\0\0\0\0isom") + heic.box(b"moov", b"".join(tracks)) + end


def make_track(handler: bytes, codec: bytes = b"mp4a", samples: int = 100) -> bytes:
    table = heic.box(b"stsd", struct.pack(">IIII", 0, 1, 16, 0)[:12] + codec + bytes(8))
    table += heic.box(b"stsz", struct.pack(">III", 0, 0, samples))
    media = heic.box(b"hdlr", bytes(8) + handler + bytes(13)) + heic.box(b"minf", heic.box(b"stbl", table))
    return heic.box(b"trak", heic.box(b"mdia", media))


@pytest.mark.parametrize(
    ("tracks", "media_type"),
    [
        ([make_track(b"soun")], "audio/mp4"),
        ([make_track(b"soun"), make_track(b"text"), make_track(b"vide", b"jpeg", 1)], "audio/mp4"),
        ([make_track(b"soun"), make_track(b"vide", b"jpeg", 2)], "video/mp4"),
        ([make_track(b"soun"), make_track(b"vide", b"avc1", 1)], "video/mp4"),
        ([make_track(b"text")], "video/mp4"),
        ([make_track(b"vide", b"jpeg", 1)], "video/mp4"),
        ([], "video/mp4"),
    ],
)
def test_cover_is_no_video(tracks: list[bytes], media_type: str) -> None:
    assert type_of(make_iso(*tracks)) == media_type


def test_container_with_a_truncated_index_is_video() -> None:
    """There may have been video after the sound."""
    content = make_iso(make_track(b"soun"), make_track(b"soun"))
    assert type_of(content) == "audio/mp4"
    assert type_of(content[:-20]) == "video/mp4"


@pytest.mark.parametrize("size", [1, 7, 2**32 - 1])
def test_box_of_impossible_size_ends_the_search(size: int) -> None:
    content = heic.box(b"ftyp", b"isom\0\0\0\0isom") + struct.pack(">I4s", size, b"free") + bytes(100)
    assert type_of(content) == "video/mp4"


def element(identifier: int, content: bytes) -> bytes:
    size = (len(content) | 1 << 28).to_bytes(4)
    return identifier.to_bytes((identifier.bit_length() + 7) // 8) + size + content


EBML = element(0x1A45DFA3, element(0x4282, b"matroska"))
CLUSTER = element(0x1F43B675, bytes(1000))


def make_tracks(*kinds: int) -> bytes:
    return element(0x1654AE6B, b"".join(element(0xAE, element(0x83, bytes([kind]))) for kind in kinds))


@pytest.mark.parametrize(
    ("kinds", "media_type"),
    [
        ([2], "audio/x-matroska"),
        ([2, 17], "audio/x-matroska"),
        ([2, 1], "video/x-matroska"),
        ([17], "video/x-matroska"),
    ],
)
def test_tracks_of_matroska_behind_the_media(kinds: list[int], media_type: str) -> None:
    """The list at the beginning says where."""

    def list_at(position: int) -> bytes:
        place = element(0x53AB, b"\x16\x54\xae\x6b") + element(0x53AC, position.to_bytes(4))
        return element(0x114D9B74, element(0x4DBB, place))

    head = list_at(0) + CLUSTER
    content = EBML + element(0x18538067, list_at(len(head)) + CLUSTER + make_tracks(*kinds))
    assert type_of(content) == media_type
    assert type_of(content[:-3]) == "video/x-matroska"


def test_live_recording_without_video_is_audio() -> None:
    """Its length is unknown, and checksums precede the contents of its elements."""
    content = make_audio("matroska", "libopus", options={"live": "1"})
    storage = SparseStorage(Sparse(1024 * MEBIBYTE, {0: content}))
    with storage.open() as source:
        assert detect(source, storage.file.size) == "audio/x-matroska"
    assert storage.requests == 1


def test_nothing_is_read_beyond_what_an_element_or_a_box_is_in() -> None:
    """The header of the last one inside is cut off by the end of the outer one."""
    inner = b"\x53\xac\x01\0\0\0\0\0\0\x04"
    assert list(iter_elements(io.BytesIO(inner + bytes(100)), 0, 5)) == []
    box = struct.pack(">I4sQ", 1, b"free", 100)
    assert list(iter_boxes(io.BytesIO(box + bytes(100)), 0, 12)) == []


@pytest.mark.parametrize("tail", [b"", b"\x18\x53\x80\x67", b"\x18\x53\x80\x67\x01" + b"\xff" * 7, b"\0" * 100])
def test_matroska_without_tracks_is_video(tail: bytes) -> None:
    assert type_of(EBML + tail) == "video/x-matroska"


@pytest.mark.parametrize(("make", "requests"), [(make_mp4, 2), (make_mkv, 1)])
def test_tracks_of_a_gibibyte_take_no_more_requests_than_needed(
    make: Callable[[int], object], requests: int
) -> None:
    storage = SparseStorage(make(1024 * MEBIBYTE))  # type: ignore[arg-type]  # Sparse
    with storage.open() as source:
        detect(source, storage.file.size)
    assert storage.requests == requests


def test_looking_for_tracks_takes_few_requests_in_a_hostile_file() -> None:
    """Each of a hundred boxes is in a block of its own."""
    head = heic.box(b"ftyp", b"isom\0\0\0\0isom")
    boxes = {len(head) + number * MEBIBYTE: struct.pack(">I4s", MEBIBYTE, b"free") for number in range(100)}
    storage = SparseStorage(Sparse(100 * MEBIBYTE, {0: head} | boxes))
    with storage.open() as source:
        assert detect(source, storage.file.size) == "video/mp4"
    assert storage.requests <= 5


def test_storage_error_is_passed_on() -> None:
    content = make_audio("mp4", "aac")
    with pytest.raises(ServiceError):
        detect(FailingFile(content), len(content))
