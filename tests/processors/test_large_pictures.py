"""Pictures of the sizes of phones, cameras and scanners have thumbnails, in limited memory."""

import random
import sys
from pathlib import Path

import pytest

from tests.processors import heic, sample_files
from tests.processors.measure_memory import MAX_MEBIBYTES, measure_memory

MEGABYTE = 1_000_000

LARGE = {
    "a PNG of 26 megapixels": lambda: sample_files.make_image("PNG", (6200, 4220)),
    "a PNG of 104 megapixels with a palette": lambda: sample_files.make_image("PNG", (10_400, 10_000), mode="P"),
    "a PNG of 26 megapixels with transparency": lambda: sample_files.make_image("PNG", (6200, 4220), mode="RGBA"),
    "a PNG of 52 megapixels in 16 bits of grey": lambda: sample_files.make_image("PNG", (7200, 7200), mode="I;16"),
    "a JPEG of 100 megapixels": lambda: sample_files.make_image("JPEG", (10_000, 10_000)),
    "a progressive JPEG of 24 megapixels": lambda: sample_files.save_image(
        sample_files.make_noise((6000, 4000)), "JPEG", quality=90, progressive=True
    ),
    "a progressive JPEG of 15 megapixels with all colours": lambda: sample_files.save_image(
        sample_files.make_noise((4400, 3400)), "JPEG", progressive=True, subsampling=0
    ),
    "a WebP of 8 megapixels": lambda: sample_files.save_image(
        sample_files.make_noise((3840, 2160), grain=4), "WEBP", quality=85, method=0
    ),
    "an uncompressed TIFF of 12 megapixels": lambda: sample_files.save_image(
        sample_files.make_noise((4080, 3072)), "TIFF"
    ),
    "a compressed TIFF of 12 megapixels": lambda: sample_files.save_image(
        sample_files.make_noise((4080, 3072)).point(lambda value: value & 0xE0), "TIFF", compression="tiff_lzw"
    ),
    "a TIFF of 12 megapixels in one piece": lambda: sample_files.save_image(
        sample_files.make_noise((4080, 3072)), "TIFF", compression="jpeg", strip_size=1 << 30
    ),
    "a scan of 55 megapixels": lambda: sample_files.save_image(
        sample_files.make_noise((6614, 8319), "1", grain=64), "TIFF", compression="group4", strip_size=1 << 30
    ),
    "an AVIF of 12.5 megapixels": lambda: pad(
        sample_files.save_image(sample_files.make_noise((4080, 3072), grain=64), "AVIF", speed=10, quality=60)
    ),
    "a HEIC of 12.5 megapixels": lambda: pad(heic.make_grid(32, 24)),
}
"""Pictures near the limits of decoding, with as many bytes as photographs."""


def pad(content: bytes) -> bytes:
    return heic.pad(content, 5 * MEGABYTE, random.Random(0).randbytes(5 * MEGABYTE))


@pytest.mark.slow(2.5)
@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read from /proc")
@pytest.mark.parametrize("name", LARGE)
def test_large_picture_is_decoded_in_bounded_memory(name: str, tmp_path: Path) -> None:
    measured = measure_memory(LARGE[name](), tmp_path)
    assert measured.has_thumbnail
    assert measured.mebibytes < MAX_MEBIBYTES
