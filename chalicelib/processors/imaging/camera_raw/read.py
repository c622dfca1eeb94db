"""Read a raw file by its media type."""

from typing import BinaryIO

from chalicelib.processors.imaging.camera_raw.canon import read_cr3
from chalicelib.processors.imaging.camera_raw.ciff import read_crw
from chalicelib.processors.imaging.camera_raw.fuji import read_raf
from chalicelib.processors.imaging.camera_raw.minolta import read_mrw
from chalicelib.processors.imaging.camera_raw.picture import RawPicture
from chalicelib.processors.imaging.camera_raw.sigma import read_x3f
from chalicelib.processors.imaging.camera_raw.tiff_based import read_tiff_based

FORMATS = {
    "image/x-adobe-dng": "DNG",
    "image/x-canon-cr2": "CR2",
    "image/x-canon-cr3": "CR3",
    "image/x-canon-crw": "CRW",
    "image/x-epson-erf": "ERF",
    "image/x-fuji-raf": "RAF",
    "image/x-hasselblad-3fr": "3FR",
    "image/x-kodak-dcr": "DCR",
    "image/x-kodak-kdc": "KDC",
    "image/x-mamiya-mef": "MEF",
    "image/x-minolta-mrw": "MRW",
    "image/x-nikon-nef": "NEF",
    "image/x-nikon-nrw": "NRW",
    "image/x-olympus-orf": "ORF",
    "image/x-panasonic-rw2": "RW2",
    "image/x-pentax-pef": "PEF",
    "image/x-phaseone-iiq": "IIQ",
    "image/x-samsung-srw": "SRW",
    "image/x-sigma-x3f": "X3F",
    "image/x-sony-arw": "ARW",
    "image/x-sony-sr2": "SR2",
    "image/x-sony-srf": "SRF",
}
"""The formats' usual names by the media types of raw files that can be read."""


def read_raw(source: BinaryIO, size: int, media_type: str) -> RawPicture:
    """Return the facts and previews of a raw file, without decoding it. Damaged files may raise any exception."""
    if media_type == "image/x-canon-cr3":
        return read_cr3(source, size)
    if media_type == "image/x-canon-crw":
        return read_crw(source, size)
    if media_type == "image/x-fuji-raf":
        return read_raf(source)
    if media_type == "image/x-minolta-mrw":
        return read_mrw(source)
    if media_type == "image/x-sigma-x3f":
        return read_x3f(source, size)
    return read_tiff_based(source)
