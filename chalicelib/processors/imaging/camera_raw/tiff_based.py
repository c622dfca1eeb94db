"""Read raw files built from TIFF directories: those of most cameras, and DNG."""

from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.olympus import find_olympus_previews
from chalicelib.processors.imaging.camera_raw.picture import RawPicture
from chalicelib.processors.imaging.exif import read_facts, valid_orientation
from chalicelib.processors.structures import tiff_directories as tags
from chalicelib.processors.structures.tiff_directories import Directory, read_directories

_NO_PREVIEW = {*tags.SENSOR_DATA, 51177, 52527}
"""Photometric interpretations: of the sensor, depth, and masks. DNG 1.7.1, chapter 2"""

_JPEG_COMPRESSION = {6, 7}

_DEFAULT_CROP_SIZE = 50720
"""Width and height of a DNG's picture without its border. DNG 1.7.1"""

_EXIF_WIDTH, _EXIF_HEIGHT = 40962, 40963

_PANASONIC_BORDERS = (4, 5, 6, 7)
"""The picture's top, left, bottom and right on the sensor. https://exiftool.org/TagNames/PanasonicRaw.html"""

_PANASONIC_PREVIEW = 46

_MAX_BORDER = 0.2
"""Part of a sensor's pixels that cameras cut off, at most. EXIF's dimensions that are smaller are a preview's."""


def read_tiff_based(source: BinaryIO, base: int = 0) -> RawPicture:
    """Return the facts and previews in the directories of the TIFF that begins at `base`."""
    directories = list(read_directories(source, base))
    if not directories:
        raise ValueError("the raw file has no directories")
    first, *_ = directories
    return RawPicture(
        dimensions=_find_dimensions(directories),
        orientation=valid_orientation(first.number(tags.ORIENTATION)),
        exif=read_exif([first, *(directory for directory in directories if directory.role == "exif")]),
        previews=tuple(_find_previews(source, directories, base)),
    )


def read_exif(directories: list[Directory]) -> dict[str, str | float]:
    """Return the EXIF facts in the directories, of which the last count most."""
    return read_facts(*(directory.value for directory in directories))


def _find_dimensions(directories: list[Directory]) -> tuple[int, int] | None:
    """Return the picture's width and height: of the sensor's data, or of the largest picture if none is marked as
    that, without the border."""
    pictures = [directory for directory in directories if directory.role != "exif"]
    sensors = [picture for picture in pictures if picture.integer(tags.PHOTOMETRIC) in tags.SENSOR_DATA]
    cropped = [_pair(*picture.numbers(_DEFAULT_CROP_SIZE, 2)) for picture in sensors]
    whole = [_pair(*picture.numbers(tags.WIDTH), *picture.numbers(tags.HEIGHT)) for picture in sensors or pictures]
    by_exif = [_pair(*each.numbers(_EXIF_WIDTH, 1), *each.numbers(_EXIF_HEIGHT, 1)) for each in directories]
    without_border = max(*cropped, _panasonic_size(directories[0]), (0, 0), key=_area)
    largest, exif_size = max(whole, key=_area), max(by_exif, key=_area)
    if not all(without_border) and _area(exif_size) > _area(largest) * (1 - _MAX_BORDER):
        without_border = exif_size
    size = without_border if all(without_border) else largest
    return size if all(size) else None


def _panasonic_size(directory: Directory) -> tuple[int, int]:
    borders = [directory.integer(tag) for tag in _PANASONIC_BORDERS]
    if not all(tag in directory for tag in _PANASONIC_BORDERS):
        return 0, 0
    top, left, bottom, right = borders
    return max(right - left, 0), max(bottom - top, 0)


def _pair(*numbers: float) -> tuple[int, int]:
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)


def _area(size: tuple[int, int]) -> int:
    return size[0] * size[1]


def _find_previews(source: BinaryIO, directories: list[Directory], base: int) -> list[tuple[int, int]]:
    found = [
        (base + directory.integer(offset), directory.integer(length))
        for directory in directories
        for offset, length in _preview_tags(directory)
    ]
    found += [place for directory in directories if (place := directory.location(_PANASONIC_PREVIEW))]
    return found + find_olympus_previews(source, directories, directories[0].order)


def _preview_tags(directory: Directory) -> list[tuple[int, int]]:
    """Return the tags with the offset and the length of a directory's JPEG.

    A sensor's picture may be compressed as lossless JPEG, which has more than eight bits.
    """
    if tags.JPEG_OFFSET in directory:
        return [(tags.JPEG_OFFSET, tags.JPEG_LENGTH)]
    is_jpeg = (
        directory.integer(tags.COMPRESSION) in _JPEG_COMPRESSION
        and directory.integer(tags.BITS) == 8
        and directory.integer(tags.PHOTOMETRIC) not in _NO_PREVIEW
    )
    return [(tags.STRIP_OFFSETS, tags.STRIP_LENGTHS)] if is_jpeg else []
