"""Images: facts and thumbnails."""

import io
import zlib

import pytest
from PIL import ExifTags, Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.processors.detection.detect import detect
from chalicelib.processors.imaging import thumbnails
from chalicelib.processors.registry import versions
from tests.processors import heic, sample_files
from tests.processors.analyze import analyze_bytes, facts_of, open_thumbnail


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_image_dimensions(kind: str) -> None:
    facts = facts_of(sample_files.make_image(kind))
    assert (facts["format"], facts["width"], facts["height"]) == (kind, 30, 20)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_thumbnail_is_reduced_to_512_pixels(kind: str) -> None:
    assert open_thumbnail(analyze_bytes(sample_files.make_image(kind, (1200, 300))).thumbnail).size == (512, 128)


def test_heic_is_described() -> None:
    analysis = analyze_bytes(sample_files.HEIC)
    assert analysis.detected_type == "image/heic"
    facts = analysis.result["image"]
    assert (facts["format"], facts["width"], facts["height"]) == ("HEIF", 64, 40)
    red, green, blue = open_thumbnail(analysis.thumbnail).convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]  # RGB
    assert red < 40 < 90 < green < 160
    assert abs(green - blue) < 20


def test_small_picture_is_not_enlarged() -> None:
    assert open_thumbnail(analyze_bytes(sample_files.make_image("PNG")).thumbnail).size == (30, 20)


def make_jpeg_with_exif() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.Orientation] = "Leica\0", 6
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {
            ExifTags.Base.DateTimeOriginal: "2026:01:31 10:00:00",
            ExifTags.Base.ExposureTime: 0.004,
            ExifTags.Base.ISOSpeedRatings: 400,
            ExifTags.Base.BodySerialNumber: "SECRET",
            ExifTags.Base.CameraOwnerName: "SECRET",
        }
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({ExifTags.GPS.GPSLatitude: (52.0, 31.0, 12.0)})
    return sample_files.make_image("JPEG", (300, 200), exif=exif)


def test_exif_excludes_private_tags() -> None:
    facts = facts_of(make_jpeg_with_exif())
    assert facts["exif"] == {
        "make": "Leica",
        "taken_at": "2026:01:31 10:00:00",
        "exposure_seconds": 0.004,
        "iso": 400,
    }
    assert "SECRET" not in str(facts)


@pytest.mark.parametrize(
    "date", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2024:13:40 10:00:00", "1970:01:01 00:00:00"]
)
def test_impossible_dates_in_exif_are_left_out(date: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make], exif[ExifTags.Base.DateTime] = "Leica", date
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: date, ExifTags.Base.OffsetTimeOriginal: "+01:00"}
    )
    assert facts_of(sample_files.make_image("JPEG", exif=exif))["exif"] == {"make": "Leica"}


@pytest.mark.parametrize(("offset", "expected"), [("+05:30", "+05:30"), ("   :  ", None), ("+99:00", None)])
def test_offset_of_a_date_in_exif_is_one(offset: str, expected: str | None) -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: "2024:05:31 10:00:00", ExifTags.Base.OffsetTimeOriginal: offset}
    )
    facts = facts_of(sample_files.make_image("JPEG", exif=exif))["exif"]
    assert (facts["taken_at"], facts.get("taken_at_offset")) == ("2024:05:31 10:00:00", expected)


def test_zeros_in_exif_are_left_out() -> None:
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.FNumber: 0.0, ExifTags.Base.FocalLength: 50.0})
    assert facts_of(sample_files.make_image("JPEG", exif=exif))["exif"] == {"focal_length_mm": 50}


def test_thumbnail_is_upright_and_without_exif() -> None:
    analysis = analyze_bytes(make_jpeg_with_exif())
    assert analysis.result["image"]["orientation"] == 6
    thumbnail = open_thumbnail(analysis.thumbnail)
    assert thumbnail.size == (200, 300)
    assert not thumbnail.getexif()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("orientation", [1, 3, 5, 6, 7, 8])
def test_rotated_picture_has_the_stored_dimensions(kind: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    analysis = analyze_bytes(sample_files.make_image(kind, (300, 200), exif=exif))
    facts = analysis.result["image"]
    assert (facts["width"], facts["height"], facts.get("orientation", 1)) == (300, 200, orientation)
    assert open_thumbnail(analysis.thumbnail).size == ((300, 200) if orientation < 5 else (200, 300))


@pytest.mark.parametrize("default_image", [False, True])
def test_default_image_of_apng_is_not_counted_as_a_frame(default_image: bool) -> None:
    content = sample_files.make_animation("PNG", 5, default_image=default_image)
    assert facts_of(content)["frames"] == (4 if default_image else 5)


def set_structural_brand(content: bytes) -> bytes:
    """Return a picture whose major brand only says how it is stored in the file."""
    return content[:8] + b"mif1" + content[12:]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(sample_files.make_image("AVIF", (300, 200)), "image/avif"), (sample_files.HEIC, "image/heic")],
    ids=["AVIF", "HEIC"],
)
def test_codec_brand_may_follow_the_major_brand(content: bytes, media_type: str) -> None:
    analysis = analyze_bytes(set_structural_brand(content))
    assert analysis.detected_type == media_type
    assert analysis.thumbnail is not None


@pytest.mark.parametrize(
    ("mode", "options"),
    [("RGB", {}), ("RGB", {"lossless": True}), ("RGBA", {})],
    ids=["lossy", "lossless", "alpha"],
)
def test_webp_too_large_to_open_has_its_dimensions(mode: str, options: dict[str, bool]) -> None:
    colour = (255, 0, 0, 100)[: len(mode)]
    facts = facts_of(sample_files.save_image(Image.new(mode, (5000, 4001), colour), "WEBP", method=0, **options))
    assert (facts["width"], facts["height"], facts["thumbnail_skipped"]) == (5000, 4001, "too_large")


@pytest.mark.parametrize(
    ("content", "kind"),
    [(sample_files.make_image("AVIF"), "AVIF"), (sample_files.HEIC, "HEIF")],
    ids=["AVIF", "HEIC"],
)
def test_avif_and_heic_too_large_to_read_whole_are_only_named(content: bytes, kind: str) -> None:
    facts = facts_of(heic.pad(content, 17 * 1024 * 1024, bytes(17 * 1024 * 1024)))
    assert facts == {"version": versions()["image"], "format": kind, "thumbnail_skipped": "too_large"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "too_large"),
        (RuntimeError("Memory allocation error: Unspecified: Allocating 36578319 bytes failed"), "too_large"),
        (OSError("image file is truncated"), "damaged"),
    ],
    ids=["Pillow's", "libheif's", "damage"],
)
def test_lack_of_memory_is_not_reported_as_damage(
    error: Exception, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Image.Image) -> bytes:
        raise error

    monkeypatch.setattr(thumbnails, "encode_thumbnail", fails)
    assert thumbnails.make_thumbnail(Image.new("RGB", (3, 2)), io.BytesIO(), 0) == (None, reason)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_frames_are_counted(kind: str) -> None:
    analysis = analyze_bytes(sample_files.make_animation(kind, 5))
    assert analysis.result["image"]["frames"] == 5
    assert analysis.thumbnail is not None


def make_jxl(width: int, height: int, *, ratio: int = 0, orientation: int = 1) -> bytes:
    """Return the beginning of a JPEG XL. ISO/IEC 18181-1, D.2 and D.3"""
    number, at = 0, 0

    def write(value: int, bits: int) -> None:
        nonlocal number, at
        number |= value << at
        at += bits

    is_small = width % 8 == height % 8 == 0 and max(width, height) <= 256
    lengths = [height] if ratio else [height, width]
    write(is_small, 1)
    for position, length in enumerate(lengths):
        if position:
            write(0, 3)
        if is_small:
            write(length // 8 - 1, 5)
        else:
            write(2, 2)
            write(length - 1, 18)
    if ratio:
        write(ratio, 3)
    write(orientation == 1, 1)
    if orientation != 1:
        write(1, 1)
        write(orientation - 1, 3)
    return b"\xff\x0a" + number.to_bytes(20, "little")


def put_into_boxes(image: bytes, kind: bytes = b"jxlc") -> bytes:
    signature = bytes.fromhex("0000000c4a584c200d0a870a")
    return (
        signature + heic.box(b"ftyp", b"jxl \0\0\0\0jxl ") + heic.box(b"Exif", bytes(50)) + heic.box(kind, image)
    )


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (put_into_boxes(make_jxl(4000, 3000)[:4]), None),
        (make_jxl(320, 240), {"width": 320, "height": 240}),
        (make_jxl(64, 128), {"width": 64, "height": 128}),
        (make_jxl(4000, 3000, orientation=6), {"width": 4000, "height": 3000, "orientation": 6}),
        (make_jxl(1920, 1080, ratio=5), {"width": 1920, "height": 1080}),
        (put_into_boxes(make_jxl(4000, 3000)), {"width": 4000, "height": 3000}),
        (put_into_boxes(bytes(4) + make_jxl(4000, 3000), b"jxlp"), {"width": 4000, "height": 3000}),
        (put_into_boxes(b""), None),
    ],
)
def test_jpeg_xl_has_its_dimensions(content: bytes, facts: dict[str, int] | None) -> None:
    if facts is None:
        with pytest.raises(BadContentError):
            analyze_bytes(content)
        return
    analysis = analyze_bytes(content)
    assert analysis.detected_type == "image/jxl"
    expected = {"version": versions()["image"], "format": "JXL", "thumbnail_skipped": "unsupported"}
    assert analysis.result["image"] == expected | facts


def make_png_header(width: int, height: int) -> bytes:
    """Return a PNG with these dimensions in its header."""
    header = bytearray(sample_files.make_image("PNG"))
    header[16:24] = width.to_bytes(4) + height.to_bytes(4)  # IHDR
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4)
    return bytes(header)


def test_giant_image_is_not_decoded() -> None:
    analysis = analyze_bytes(make_png_header(60_000, 60_000))
    assert analysis.result["image"]["width"] == 60_000
    assert analysis.result["image"]["thumbnail_skipped"] == "too_large"
    assert analysis.thumbnail is None


def test_truncated_picture_has_its_dimensions() -> None:
    content = sample_files.make_image("JPEG", (3000, 2000))
    facts = facts_of(content[: len(content) // 2])
    assert (facts["width"], facts["thumbnail_skipped"]) == (3000, "damaged")


def test_broken_image_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        analyze_bytes(sample_files.make_image("PNG")[:20])
    assert caught.value.kind is UNREADABLE_IMAGE


@pytest.mark.parametrize(
    ("drawing", "facts"),
    [
        (b"<svg width='30' height='20'/>", {"width": 30.0, "height": 20.0, "unit": "px"}),
        (b"<svg width='3.5cm' height='2cm'/>", {"width": 3.5, "height": 2.0, "unit": "cm"}),
        (b"<svg viewBox='0 0 7,4'/>", {"view_box": [0.0, 0.0, 7.0, 4.0]}),
        (b"<svg width='100%' height='100%'/>", {}),
        (b"<svg width='1e999' height='nan' viewBox='a b c d'/>", {}),
        (b"<s:svg xmlns:s='u:svg' width='3' height='2'/>", {"width": 3.0, "height": 2.0, "unit": "px"}),
        (b"<!DOCTYPE svg [<!ENTITY n 'http://www.w3.org/2000/svg'>]><svg xmlns='&n;'/>", {}),
    ],
)
def test_svg_is_described_without_thumbnail(drawing: bytes, facts: dict[str, object]) -> None:
    analysis = analyze_bytes(b"<?xml version='1.0'?>" + drawing)
    assert analysis.result["svg"] == {"version": 1, "format": "SVG"} | facts
    assert analysis.thumbnail is None


def test_page_that_contains_svg_is_not_svg() -> None:
    content = b"<?xml version='1.0'?><other><svg/></other>"
    assert detect(io.BytesIO(content), len(content)) == "application/xml"
