"""Camera raw files: types, facts, and thumbnails from the previews in them."""

import io
import struct
from collections.abc import Callable

import pytest
from PIL import Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.processors.imaging.camera_raw.read import FORMATS
from chalicelib.processors.structures.tiff_directories import read_directories
from tests.processors import camera_raw_files, sample_files
from tests.processors.analyze import analyze_bytes, facts_of, open_thumbnail
from tests.processors.camera_raw_files import CAMERA, HEIGHT, MAKERS, WIDTH, TiffWriter, make_preview


def test_every_format_has_a_sample() -> None:
    assert set(MAKERS) == set(FORMATS)


@pytest.mark.parametrize("media_type", MAKERS)
def test_raw_file_has_its_type_dimensions_and_a_thumbnail(media_type: str) -> None:
    analysis = analyze_bytes(MAKERS[media_type]())
    assert analysis.detected_type == media_type
    facts = analysis.result["image"]
    assert (facts["format"], facts["width"], facts["height"]) == (FORMATS[media_type], WIDTH, HEIGHT)
    assert facts["exif"]["taken_at"] == "2024:05:31 10:00:00"
    if media_type != "image/x-canon-crw":
        assert (facts["exif"]["exposure_seconds"], facts["exif"]["iso"]) == (0.004, 400)
    assert facts["exif"]["make"]
    assert "thumbnail_skipped" not in facts
    assert max(open_thumbnail(analysis.thumbnail).size) == 512


@pytest.mark.parametrize(
    ("make_file", "orientation", "size"),
    [
        (camera_raw_files.make_dng, 6, (384, 512)),
        (camera_raw_files.make_nef, 8, (384, 512)),
        (camera_raw_files.make_crw, 6, (384, 512)),
        (camera_raw_files.make_arw, None, (512, 384)),
    ],
)
def test_thumbnail_is_upright(
    make_file: Callable[[], bytes], orientation: int | None, size: tuple[int, int]
) -> None:
    analysis = analyze_bytes(make_file())
    assert analysis.result["image"].get("orientation") == orientation
    assert open_thumbnail(analysis.thumbnail).size == size


@pytest.mark.parametrize(
    ("header", "note"),
    [
        (b"IIRO", b"OLYMPUS\0II\3\0"),
        (b"IIRS", b"OLYMPUS\0II\3\0"),
        (b"IIRO", b"OM SYSTEM\0\0\0II\4\0"),
    ],
)
def test_olympus_preview_is_in_the_maker_note(header: bytes, note: bytes) -> None:
    analysis = analyze_bytes(camera_raw_files.make_orf(header, note))
    assert analysis.detected_type == "image/x-olympus-orf"
    assert open_thumbnail(analysis.thumbnail).size == (512, 384)


def test_thumbnail_of_an_old_olympus() -> None:
    analysis = analyze_bytes(camera_raw_files.make_old_orf())
    assert analysis.detected_type == "image/x-olympus-orf"
    assert open_thumbnail(analysis.thumbnail).size == camera_raw_files.SMALL_PREVIEW


def test_smallest_preview_that_suffices_is_read() -> None:
    """A preview of all pixels would take a request for each 256 KiB."""
    tiff = TiffWriter()
    reddish, teal = (
        make_preview((600, 400)),
        sample_files.save_image(Image.new("RGB", (4000, 3000), "red"), "JPEG"),
    )
    previews = [make_preview((160, 120)), teal, reddish]
    sub = tuple(tiff.directory({513: tiff.add(preview), 514: len(preview)}) for preview in previews)
    content = tiff.finish(tiff.directory({256: 4000, 257: 3000, 50706: b"\1\4\0\0", 330: sub}))
    red, *_ = open_thumbnail(analyze_bytes(content).thumbnail).convert("RGB").getpixel((0, 0))  # type: ignore[misc]
    assert red < 50


def with_previews(*previews: bytes) -> bytes:
    tiff = TiffWriter()
    sub = tuple(tiff.directory({513: tiff.add(preview), 514: len(preview)}) for preview in previews)
    return tiff.finish(tiff.directory({256: WIDTH, 257: HEIGHT, 50706: b"\1\4\0\0", 330: sub}))


@pytest.mark.parametrize(
    "other",
    [
        b"\xff\xd8\xff\xc3" + bytes(100),
        b"no JPEG at all",
        make_preview((900, 700))[:2000],
        sample_files.make_pdf(),
    ],
    ids=["lossless JPEG", "text", "truncated JPEG", "PDF"],
)
def test_invalid_preview_is_skipped(other: bytes) -> None:
    assert open_thumbnail(analyze_bytes(with_previews(other, make_preview((160, 120)))).thumbnail).size == (
        160,
        120,
    )


def test_raw_file_without_preview_has_its_facts() -> None:
    facts = facts_of(with_previews())
    assert (facts["width"], facts["height"], facts["thumbnail_skipped"]) == (WIDTH, HEIGHT, "no_preview")


@pytest.mark.parametrize("length", [2000, 20])
def test_truncated_preview_is_damaged(length: int) -> None:
    facts = facts_of(with_previews(make_preview((900, 700))[:length]))
    assert (facts["width"], facts["thumbnail_skipped"]) == (WIDTH, "damaged")


def test_raw_file_cut_off_behind_its_signature_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(b"FUJIFILMCCD-RAW 0201")
    assert caught.value.kind is UNREADABLE_IMAGE


@pytest.mark.parametrize("make", ["NIKON CORPORATION", "SONY", "PENTAX Corporation", "Canon"])
def test_tiff_developed_from_a_raw_file_is_tiff(make: str) -> None:
    content = sample_files.make_image("TIFF", tiffinfo={271: make, 272: "a camera"})
    analysis = analyze_bytes(content)
    assert analysis.detected_type == "image/tiff"
    assert analysis.result["image"]["exif"]["make"] == make


def test_camera_without_a_clock_has_no_date() -> None:
    tiff = TiffWriter()
    exif = tiff.directory(CAMERA | {0x9003: "0000:00:00 00:00:00"})
    content = tiff.finish(tiff.directory({256: WIDTH, 257: HEIGHT, 271: "Leica", 50706: b"\1\4\0\0", 34665: exif}))
    assert facts_of(content)["exif"] == {"make": "Leica", "exposure_seconds": 0.004, "iso": 400}


def test_directories_in_a_cycle_are_read_once() -> None:
    tiff = TiffWriter()
    first = tiff.directory({256: 1}, following=8)
    assert first == 8
    assert len(list(read_directories(io.BytesIO(tiff.finish(first))))) == 1


def test_values_beyond_the_end_of_the_file_are_missing() -> None:
    entries = [
        (256, 4, 2**32 - 1, 2**32 - 2),
        (271, 2, 2**32 - 1, 100),
        (282, 5, 1, 2**31),
        (330, 4, 2**32 - 1, 8),
    ]
    data = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    first, *_ = read_directories(io.BytesIO(b"II*\0\x08\0\0\0" + data))
    assert (first.numbers(256), first.text(271), first.number(282)) == ([], "", None)
