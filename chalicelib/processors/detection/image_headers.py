"""Match images without a unique signature: several fields of their header have to fit each other."""

import re

_NETPBM = re.compile(
    rb"P([1-7])\s(?:#[^\n]*\n\s*)*(\d{1,9}|WIDTH \d{1,9})\s(?:#[^\n]*\n\s*)*(\d{1,9}|HEIGHT \d{1,9})\s"
)

_NETPBM_TYPES = {
    b"1": "image/x-portable-bitmap",
    b"2": "image/x-portable-graymap",
    b"3": "image/x-portable-pixmap",
    b"4": "image/x-portable-bitmap",
    b"5": "image/x-portable-graymap",
    b"6": "image/x-portable-pixmap",
    b"7": "image/x-portable-arbitrarymap",
}

_ICON_HEADER, _ICON_ENTRY = 6, 16
"""Bytes."""

_MAX_ICONS = 256

_BITMAP_HEADERS = {12, 40, 52, 56, 64, 108, 124}
"""Bytes of the header that follows: https://en.wikipedia.org/wiki/BMP_file_format"""


def match_bitmap(head: bytes) -> str | None:
    """Match two letters and the size of the header that follows, which is one of few."""
    is_header_size = int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS
    return "image/bmp" if head.startswith(b"BM") and is_header_size else None


def match_icon(head: bytes) -> str | None:
    """Match an icon or a cursor: few pictures, of which the first comes after the list. [MS-ICO]"""
    if not head.startswith((b"\0\0\1\0", b"\0\0\2\0")) or len(head) < _ICON_HEADER + _ICON_ENTRY:
        return None
    count = int.from_bytes(head[4:6], "little")
    length, offset = (int.from_bytes(head[at : at + 4], "little") for at in (14, 18))
    fits = 0 < count <= _MAX_ICONS and head[9] == 0 and length > 0
    return "image/x-icon" if fits and offset >= _ICON_HEADER + count * _ICON_ENTRY else None


def match_netpbm(head: bytes) -> str | None:
    """Match a format's number, width and height. https://netpbm.sourceforge.net/doc/pnm.html"""
    matched = _NETPBM.match(head)
    return _NETPBM_TYPES[matched[1]] if matched else None


def match_jxl_codestream(head: bytes) -> str | None:
    """Match a JPEG XL codestream: two bytes that neither UTF-8 nor UTF-16 begins with. ISO/IEC 18181-1, 9.1"""
    return "image/jxl" if head.startswith(b"\xff\x0a") and len(head) > 12 else None


def match_autodesk_animation(head: bytes) -> str | None:
    """Match FLI and FLC, a size, and a depth of one byte. https://wiki.multimedia.cx/index.php/FLIC"""
    matches = head[4:6] in {b"\x11\xaf", b"\x12\xaf"} and head[12:14] == b"\x08\x00"
    return "video/x-flic" if matches and int.from_bytes(head[:4], "little") >= 128 else None


def match_pcx(head: bytes) -> str | None:
    """Match a manufacturer, a version, an encoding, the bits of a pixel, and a size that isn't negative. ZSoft PCX
    File Format Technical Reference Manual"""
    if len(head) < 128 or head[0] != 0x0A or head[1] not in {0, 2, 3, 4, 5} or head[2] != 1 or head[64] != 0:
        return None
    left, top, right, bottom = (int.from_bytes(head[at : at + 2], "little") for at in range(4, 12, 2))
    fits = head[3] in {1, 2, 4, 8} and left <= right and top <= bottom and 1 <= head[65] <= 4
    return "image/vnd.zbrush.pcx" if fits else None
