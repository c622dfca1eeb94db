"""Images: what is told of them, and their thumbnails."""

import io
import zlib

import pytest
from PIL import ExifTags, Image

from chalicelib.core.errors import UNREADABLE_IMAGE, BadContentError
from chalicelib.processors.detection import detect
from tests.processors import made
from tests.processors.described import described, facts


def opened(thumbnail: bytes | None) -> Image.Image:
    assert thumbnail is not None
    image = Image.open(io.BytesIO(thumbnail))
    assert image.format == "WEBP"
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_images_are_measured(kind: str) -> None:
    found = facts(made.picture(kind))
    assert (found["format"], found["width"], found["height"]) == (kind, 30, 20)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF"])
def test_a_thumbnail_is_shrunk_to_512_pixels(kind: str) -> None:
    assert opened(described(made.picture(kind, (1200, 300))).thumbnail).size == (512, 128)


def test_pictures_as_phones_make_them() -> None:
    description = described(made.HEIC)
    assert description.detected_type == "image/heic"
    found = description.result["image"]
    assert (found["format"], found["width"], found["height"]) == ("HEIF", 64, 40)
    red, green, blue = opened(description.thumbnail).convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]  # RGB
    assert red < 40 < 90 < green < 160
    assert abs(green - blue) < 20


def test_a_small_picture_is_not_enlarged() -> None:
    assert opened(described(made.picture("PNG")).thumbnail).size == (30, 20)


@pytest.mark.parametrize(
    ("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("F", "TIFF")]
)
def test_pictures_of_any_mode_have_thumbnails(mode: str, kind: str) -> None:
    assert opened(described(made.picture(kind, mode=mode)).thumbnail).mode == "RGB"


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    target = io.BytesIO()
    Image.new("I;16", (30, 20), 0x8000).save(target, "PNG")
    (grey, *_) = opened(described(target.getvalue()).thumbnail).convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert abs(grey - 0x80) < 4


def test_transparency_is_kept() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(target, "PNG")
    assert opened(described(target.getvalue()).thumbnail).mode == "RGBA"


def with_exif() -> bytes:
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
    return made.picture("JPEG", (300, 200), exif=exif)


def test_exif_is_told_without_what_should_stay_private() -> None:
    found = facts(with_exif())
    assert found["exif"] == {
        "make": "Leica",
        "taken_at": "2026:01:31 10:00:00",
        "exposure_seconds": 0.004,
        "iso": 400,
    }
    assert "SECRET" not in str(found)


def test_a_thumbnail_is_upright_and_without_exif() -> None:
    description = described(with_exif())
    assert description.result["image"]["orientation"] == 6
    thumbnail = opened(description.thumbnail)
    assert thumbnail.size == (200, 300)
    assert not thumbnail.getexif()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_frames_are_counted(kind: str) -> None:
    description = described(made.animation(kind, 5))
    assert description.result["image"]["frames"] == 5
    assert description.thumbnail is not None


def header_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large."""
    header = bytearray(made.picture("PNG"))
    header[16:24] = width.to_bytes(4) + height.to_bytes(4)  # IHDR
    header[29:33] = zlib.crc32(header[12:29]).to_bytes(4)
    return bytes(header)


def test_a_giant_image_is_measured_without_being_decoded() -> None:
    description = described(header_of(60_000, 60_000))
    assert description.result["image"]["width"] == 60_000
    assert description.result["image"]["thumbnail_skipped"] == "too_large"
    assert description.thumbnail is None


def test_a_picture_that_was_cut_off_is_still_measured() -> None:
    content = made.picture("JPEG", (3000, 2000))
    found = facts(content[: len(content) // 2])
    assert (found["width"], found["thumbnail_skipped"]) == (3000, "damaged")


def test_a_broken_image_is_bad_content() -> None:
    with pytest.raises(BadContentError) as caught:
        described(made.picture("PNG")[:20])
    assert caught.value.kind is UNREADABLE_IMAGE


@pytest.mark.parametrize(
    ("drawing", "found"),
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
def test_drawings_are_described_and_never_rendered(drawing: bytes, found: dict[str, object]) -> None:
    description = described(b"<?xml version='1.0'?>" + drawing)
    assert description.result["svg"] == {"version": 1, "format": "SVG"} | found
    assert description.thumbnail is None


def test_a_page_with_a_drawing_in_it_is_no_drawing() -> None:
    content = b"<?xml version='1.0'?><other><svg/></other>"
    assert detect(io.BytesIO(content), len(content)) == "application/xml"
