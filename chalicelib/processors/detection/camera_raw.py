"""Distinguish the raw files of cameras from TIFF, which they are built like."""

from typing import BinaryIO

from chalicelib.core.media_types.names import TIFF
from chalicelib.processors.detection.bounded_read import read_within_limits
from chalicelib.processors.structures import tiff_directories as tags
from chalicelib.processors.structures.tiff_directories import Directory, read_directories

_CR2, _IIQ = (8, b"CR\x02"), (8, b"IIII")
"""What follows TIFF's header. http://lclevy.free.fr/cr2/ and https://exiftool.org/TagNames/PhaseOne.html"""

_DNG_VERSION = 50706

_MAKERS = (
    ("nikon", "image/x-nikon-nef"),
    ("sony", "image/x-sony-arw"),
    ("pentax", "image/x-pentax-pef"),
    ("ricoh", "image/x-pentax-pef"),
    ("samsung", "image/x-samsung-srw"),
    ("hasselblad", "image/x-hasselblad-3fr"),
    ("kodak", "image/x-kodak-kdc"),
    ("eastman kodak", "image/x-kodak-kdc"),
    ("seiko epson", "image/x-epson-erf"),
    ("mamiya", "image/x-mamiya-mef"),
    ("phase one", "image/x-phaseone-iiq"),
    ("leaf", "image/x-phaseone-iiq"),
    ("olympus", "image/x-olympus-orf"),
)
"""Types by how the maker's name begins."""

_MODELS = (
    ("DSC-R1", "image/x-sony-sr2"),
    ("DSC-F828", "image/x-sony-srf"),
    ("DSC-V3", "image/x-sony-srf"),
    ("DCS", "image/x-kodak-dcr"),
)
"""Types of certain models, by a part of their name. https://exiftool.org/#supported"""

_RAW_COMPRESSION = {32767, 32769, 32770, 32772, 34713, 65000, 65535}
"""Sony's, Epson's, Samsung's two, Nikon's, Kodak's and Pentax's. https://exiftool.org/TagNames/EXIF.html#Compression"""

_FILTER_PATTERN = 33422
"""The colors in front of a sensor's pixels, which Samsung states in place of their interpretation. TIFF/EP 5.1"""

_OLD_JPEG = 6


def detect_raw_type(source: BinaryIO, size: int, head: bytes) -> str:
    """Return the type of the raw file that begins like TIFF, or TIFF's for any other.

    A picture that was developed from a raw file and stored as TIFF names the camera as well: what counts is that
    there are data of a sensor. Raises the exceptions of the storage.
    """
    if head.startswith(_CR2[1], _CR2[0]):
        return "image/x-canon-cr2"
    if head.startswith(_IIQ[1], _IIQ[0]):
        return "image/x-phaseone-iiq"
    return read_within_limits(source, size, _detect_by_directories, None) or TIFF


def _detect_by_directories(source: BinaryIO) -> str | None:
    directories = read_directories(source)
    first = next(directories)
    if _DNG_VERSION in first:
        return "image/x-adobe-dng"
    maker = (first.text(tags.MAKE) or "").lower()
    raw_type = next((raw_type for begin, raw_type in _MAKERS if maker.startswith(begin)), None)
    if raw_type is None or not (_is_raw(first) or any(_is_raw(directory) for directory in directories)):
        return None
    if (
        raw_type == "image/x-nikon-nef"
        and tags.JPEG_OFFSET in first
        and first.integer(tags.COMPRESSION) == _OLD_JPEG
    ):
        return "image/x-nikon-nrw"
    model = first.text(tags.MODEL) or ""
    return next((by_model for part, by_model in _MODELS if part in model), raw_type)


def _is_raw(directory: Directory) -> bool:
    """Return whether the directory is of a sensor's data, or of a preview in front of them."""
    if directory.integer(tags.PHOTOMETRIC) in tags.SENSOR_DATA or _FILTER_PATTERN in directory:
        return True
    is_jpeg_alone = tags.JPEG_OFFSET in directory and tags.STRIP_OFFSETS not in directory
    is_preview = is_jpeg_alone or directory.integer(tags.NEW_SUBFILE_TYPE) & 1
    if is_preview and tags.SUB_DIRECTORIES in directory:
        return True
    return directory.integer(tags.COMPRESSION) in _RAW_COMPRESSION
