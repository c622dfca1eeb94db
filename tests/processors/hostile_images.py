"""Hostile images. Each is small, and exhausts a decoder that trusts it."""

import struct
import zlib

from tests.processors import camera_raw_files, hostile_files, sample_files


def png_of_2_500_megapixels(chunk: bytes = b"") -> bytes:
    """50,000 by 50,000 pixels of black in 2.5 MB, with another chunk before them."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + chunk
        + _chunk(b"IDAT", hostile_files.zeros(2385, 15))
        + _chunk(b"IEND", b"")
    )


def png_with_a_text_that_unpacks() -> bytes:
    """A gigabyte of comment."""
    return png_of_2_500_megapixels(_chunk(b"zTXt", b"Comment\0\0" + hostile_files.zeros(1024, 15)))


def png_with_a_chunk_of_two_gigabytes() -> bytes:
    """Its length says so, and the file ends."""
    whole = png_of_2_500_megapixels()
    return whole[:33] + b"\x7f\xff\xff\xffiCCP" + whole[33:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def gif_of_a_million_frames() -> bytes:
    """Each is one pixel."""
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + (b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\2\2\x44\1\0") * 1_000_000 + b";"


def tiff_that_goes_round() -> bytes:
    """A directory that names itself as the next one."""
    entries = [(256, 4, 1, 10), (257, 4, 1, 10), (258, 3, 1, 8), (262, 3, 1, 1), (273, 4, 1, 8), (279, 4, 1, 100)]
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + struct.pack("<I", 8) + bytes(100)


def tiff_of_three_million_strips() -> bytes:
    """One pixel. A reader may keep an object for each of the strips in its header."""
    strips = 3 * 1024 * 1024
    offsets = _TIFF_HEAD + 9 * _TIFF_ENTRY
    entries = [(256, 4, 1, 1), (257, 4, 1, 1), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, strips, offsets), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, strips, offsets)]
    return _tiff(entries) + bytes(range(256)) * (strips * 4 // 256)


def tiff_with_a_tile_of_a_gigabyte() -> bytes:
    """64 by 64 pixels, in a corner of one tile of 32,768 by 32,768."""
    packed = hostile_files.zeros(1024, 15)
    data = _TIFF_HEAD + 10 * _TIFF_ENTRY
    entries = [(256, 4, 1, 64), (257, 4, 1, 64), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]
    entries += [(322, 4, 1, 32768), (323, 4, 1, 32768), (324, 4, 1, data), (325, 4, 1, len(packed))]
    return _tiff(entries) + packed


_TIFF_HEAD, _TIFF_ENTRY = 8 + 2 + 4, 12


def _tiff(entries: list[tuple[int, int, int, int]]) -> bytes:
    """Begin a file with one directory. TIFF 6.0, section 2"""
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<I", 8) + directory + bytes(4)


def png_with_exif_of_fifteen_million_numbers() -> bytes:
    """One tag's value, in a picture of 30 by 20."""
    values = 15 * 1024 * 1024
    exif = _tiff([(1000, 3, values, _TIFF_HEAD + _TIFF_ENTRY)]) + bytes(range(256)) * (values * 2 // 256)
    small = sample_files.make_image("PNG")
    return small[:33] + _chunk(b"eXIf", exif) + small[33:]


def jpeg_in_three_scans() -> bytes:
    """15,000 by 10,000 pixels, one color after the other, so that all are kept until the last."""
    width, height = 15_000, 10_000
    blocks = (width // 8) * (height // 8)
    frame = struct.pack(">BHHB", 8, height, width, 3) + b"\1\x11\0\2\x11\0\3\x11\0"
    content = b"\xff\xd8" + _segment(0xDB, b"\0" + b"\1" * 64) + _segment(0xC0, frame)
    for table in (b"\0", b"\x10"):  # of one code: a block is two bits that are 0
        content += _segment(0xC4, table + b"\1" + bytes(15) + b"\0")
    for colour in (1, 2, 3):
        content += _segment(0xDA, bytes([1, colour, 0, 0, 63, 0])) + bytes(blocks // 4 + 8)
    return content + b"\xff\xd9"


def _segment(marker: int, data: bytes) -> bytes:
    """ITU-T T.81, B.1.1.4"""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def dng_whose_preview_is_a_bomb() -> bytes:
    """Of 150 million pixels."""
    return _raw_with_preview(jpeg_in_three_scans())


def dng_whose_preview_is_all_of_it() -> bytes:
    """The lengths of ten previews are the file's."""
    return _raw_with_preview(b"\xff\xd8\xff", *[b"\xff\xd8\xff"] * 9, claimed=2**32 - 1) + bytes(15 * 1024 * 1024)


def dng_of_a_thousand_directories() -> bytes:
    """Each has a thousand tags, each of which is four gigabytes long."""
    tags, size = 1000, 2 + 1000 * 12 + 4
    entries = [(tag, 4, 2**32 - 1, 8) for tag in (*range(254, 254 + tags - 1), 50706)]
    directory = struct.pack("<H", tags) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    chain = b"".join(directory + struct.pack("<I", 8 + number * size) for number in range(1, 1000))
    return b"II*\0" + struct.pack("<I", 8) + chain


def _raw_with_preview(*previews: bytes, claimed: int | None = None) -> bytes:
    tiff = camera_raw_files.TiffWriter()
    sub = tuple(tiff.directory({513: tiff.add(preview), 514: claimed or len(preview)}) for preview in previews)
    return tiff.finish(tiff.directory({256: 4000, 257: 3000, 50706: b"\1\4\0\0", 330: sub}))


ALL = hostile_files.makers(globals())
"""The pictures' makers by name."""
