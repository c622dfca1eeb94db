"""The content of thumbnails."""

import io
import random
import struct

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat

from chalicelib.processors.imaging.color_profiles import MAX_PROFILE
from tests.processors import sample_files
from tests.processors.analyze import analyze_bytes, open_thumbnail

KINDS = ["JPEG", "PNG", "TIFF", "WEBP", "AVIF", "BMP"]


@pytest.mark.parametrize(
    ("mode", "kind"), [("1", "PNG"), ("L", "PNG"), ("P", "GIF"), ("CMYK", "JPEG"), ("F", "TIFF")]
)
def test_pictures_of_any_mode_have_thumbnails(mode: str, kind: str) -> None:
    assert open_thumbnail(analyze_bytes(sample_files.make_image(kind, mode=mode)).thumbnail).mode == "RGB"


@pytest.mark.parametrize(
    ("kind", "mode"), [*((kind, "RGB") for kind in KINDS), ("WEBP", "RGBA"), ("AVIF", "RGBA")]
)
def test_thumbnail_shows_the_picture(kind: str, mode: str) -> None:
    down = Image.linear_gradient("L").resize((3000, 2000))
    shades = Image.merge("RGB", (down, down.rotate(180), Image.radial_gradient("L").resize(down.size)))
    if mode == "RGBA":
        shades.putalpha(
            down.transpose(Image.Transpose.ROTATE_90).resize(down.size).point(lambda value: max(value, 99))
        )
    options = {"speed": 10} if kind == "AVIF" else {}  # by default, it takes more than all else here
    thumbnail = open_thumbnail(analyze_bytes(sample_files.save_image(shades, kind, **options)).thumbnail)
    expected = shades.resize(thumbnail.size)
    assert thumbnail.mode == mode
    assert max(ImageStat.Stat(ImageChops.difference(thumbnail, expected)).mean) < 4


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    target = io.BytesIO()
    Image.new("I;16", (30, 20), 0x8000).save(target, "PNG")
    (grey, *_) = open_thumbnail(analyze_bytes(target.getvalue()).thumbnail).convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert abs(grey - 0x80) < 4


@pytest.mark.parametrize(("mode", "scale"), [("F", 1 / 255), ("F", 1000.0), ("I", 1), ("I", 100_000)])
def test_measurements_are_scaled_from_minimum_to_maximum(mode: str, scale: float) -> None:
    grey = Image.linear_gradient("L").convert(mode).point(lambda value: value * scale - 7)
    shown = open_thumbnail(analyze_bytes(sample_files.save_image(grey, "TIFF")).thumbnail).convert("L")
    brightness = [shown.getpixel((128, row)) for row in (0, 128, 255)]
    assert brightness == pytest.approx([0, 128, 255], abs=6)


def test_measurements_without_a_range_have_a_thumbnail() -> None:
    for value in (float("nan"), float("inf"), 3.5):
        nothing = sample_files.save_image(Image.new("F", (30, 20), value), "TIFF")
        assert open_thumbnail(analyze_bytes(nothing).thumbnail).size == (30, 20)


def profile() -> bytearray:
    """Return an ICC profile that swaps red and green."""
    content = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, green = content.index(b"rXYZ"), content.index(b"gXYZ")
    content[red : red + 4], content[green : green + 4] = b"gXYZ", b"rXYZ"
    return content


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_thumbnail_has_the_colors_of_the_icc_profile(mode: str) -> None:
    colour = (255, 0, 0, 200)[: len(mode)]
    content = sample_files.save_image(Image.new(mode, (30, 20), colour), "PNG", icc_profile=bytes(profile()))
    thumbnail = open_thumbnail(analyze_bytes(content).thumbnail)
    red, green, *_ = thumbnail.getpixel((5, 5))  # type: ignore[misc]  # several bands
    assert red < 20 < 230 < green
    assert (thumbnail.mode, thumbnail.info.get("icc_profile")) == (mode, None)


def damaged_profiles() -> dict[str, bytes]:
    sound = bytes(profile())
    return {
        "noise": random.Random(0).randbytes(2_000_000),
        "cut off": sound[:300],
        "of grey": sound.replace(b"RGB XYZ ", b"GRAYXYZ "),
        "larger than is looked at": sound + bytes(MAX_PROFILE),
        "a table of 30 MB": sound.replace(b"rTRC", b"A2B0") + bytes(30_000_000),
    }


@pytest.mark.parametrize("name", damaged_profiles())
def test_unusable_profile_leaves_the_colors(name: str) -> None:
    icc = damaged_profiles()[name]
    content = sample_files.save_image(Image.new("RGB", (30, 20), "red"), "TIFF", icc_profile=icc)
    red, green, _ = open_thumbnail(analyze_bytes(content).thumbnail).getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert green < 20 < 230 < red


def profile_of_white_ink() -> bytes:
    """Return a printer's ICC profile in which every ink is white. ICC.1:2001-04, 6.1, and 6.5.9 for the table."""
    every_value = bytes(range(256))
    white_in_lab = b"\xff\x80\x80"
    matrix = b"".join(struct.pack(">i", 65536 * (number % 4 == 0)) for number in range(9))
    table = (
        b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + every_value * 4 + white_in_lab * 2**4 + every_value * 3
    )
    tags = struct.pack(">I4sII", 1, b"A2B0", 144, len(table))
    header = struct.pack(">I4xI12s12x4s", 144 + len(table), 0x02400000, b"prtrCMYKLab ", b"acsp")
    return header.ljust(128, b"\0") + tags + table


def test_cmyk_is_converted_by_its_profile() -> None:
    inks = Image.new("CMYK", (30, 20), (0, 255, 255, 0))
    content = sample_files.save_image(inks, "JPEG", icc_profile=profile_of_white_ink())
    assert min(open_thumbnail(analyze_bytes(content).thumbnail).getpixel((5, 5))) > 250  # type: ignore[arg-type]  # RGB


def test_profile_of_another_color_space_leaves_the_colors() -> None:
    inks = Image.new("CMYK", (30, 20), (0, 255, 255, 0))
    content = sample_files.save_image(inks, "JPEG", icc_profile=bytes(profile()))
    red, green, _ = open_thumbnail(analyze_bytes(content).thumbnail).getpixel((5, 5))  # type: ignore[misc]  # RGB
    assert green < 20 < 230 < red


def test_transparency_is_kept() -> None:
    target = io.BytesIO()
    Image.new("RGBA", (30, 20), (255, 0, 0, 0)).save(target, "PNG")
    assert open_thumbnail(analyze_bytes(target.getvalue()).thumbnail).mode == "RGBA"
