"""Detect formats by signatures at the end of the file, or far after its beginning."""

import struct
from typing import BinaryIO

from chalicelib.core.media_types.names import UNKNOWN

_ISO_9660, _ISO_9660_AT = b"CD001", 32769
"""ECMA-119, 8.1.2: the first 16 sectors are for a system to start from."""

_DISK_IMAGE, _DISK_IMAGE_TRAILER = b"koly\0\0\0\4\0\0\2\0", 512
"""Apple's universal disk image format: the last 512 bytes begin with its version and their length."""

_ZIP_END, _MAX_ZIP_END = b"PK\x05\x06", 22 + 65535
"""APPNOTE 4.3.16: the last record may end with a comment."""

_END_RECORD = struct.Struct("<12xI4xH")
"""The bytes of the directory and of the comment."""

_TARGA_FOOTER = b"TRUEVISION-XFILE.\0"
"""Truevision TGA File Format Specification 2.0, C.3"""


def detect_by_trailer(source: BinaryIO, size: int, head: bytes) -> str:
    """Return the media type of a file without a signature at its beginning: a disk image, or a zip that follows a
    program that unpacks it."""
    source.seek(_ISO_9660_AT)
    if source.read(len(_ISO_9660)) == _ISO_9660:
        return "application/x-iso9660-image"
    source.seek(max(size - _MAX_ZIP_END, 0))
    tail = source.read(_MAX_ZIP_END)
    if tail[-_DISK_IMAGE_TRAILER:].startswith(_DISK_IMAGE):
        return "application/x-apple-diskimage"
    if tail.endswith(_TARGA_FOOTER):
        return "image/x-tga"
    if not _ends_like_zip(source, size, tail):
        return UNKNOWN
    from chalicelib.processors.detection.zip_types import detect_zip_type  # loads zipfile

    return detect_zip_type(source, size, head)


def _ends_like_zip(source: BinaryIO, size: int, tail: bytes) -> bool:
    """Return whether there is a zip's last record, the rest of the file is its comment, and the directory whose
    size it states is before it."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return False
    directory_size, comment_length = _END_RECORD.unpack_from(tail, at)
    if at + _END_RECORD.size + comment_length != len(tail):
        return False
    source.seek(max(size - len(tail) + at - directory_size, 0))
    return source.read(4) == b"PK\x01\x02"
