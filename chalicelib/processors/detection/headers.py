"""Match formats without a unique signature: several fields of their header have to fit each other."""

import re

from chalicelib.processors.archives.tar_header import is_tar

_WINDOWS = "application/vnd.microsoft.portable-executable"

_MIN_JAVA_VERSION = 45
"""Java 1.1's major version. The Java Virtual Machine Specification, 4.1"""

_LHA = re.compile(rb"..-(?:lh[0-9d]|lz[s45]|pm[0-2])-", re.DOTALL)

_SFNT_TAGS = {b"true", b"\x00\x01\x00\x00"}
_MAX_SFNT_TABLES = 128

_CPIO_HEADER, _MAX_CPIO_NAME = 26, 4096
"""Bytes."""

_MAX_FLASH = 2**28
"""Bytes. Four letters would be more."""

_PYTHON_2, _PYTHON_3 = range(20121, 62212), range(3000, 3700)
_CODE_AT = (8, 12, 16)
"""Bytes. Python 3.3 added the source's size, 3.7 flags."""


def match_windows_program(head: bytes) -> str | None:
    """Match `MZ` and the header that it points to, or at least a DOS program's header: `MZ` alone begins ordinary
    files, too. https://learn.microsoft.com/windows/win32/debug/pe-format"""
    if not head.startswith(b"MZ") or len(head) < 64:
        return None
    offset = int.from_bytes(head[60:64], "little")
    if head[offset : offset + 4] == b"PE\0\0" or (
        offset >= 64 and head[offset : offset + 2] in {b"NE", b"LE", b"LX"}
    ):
        return _WINDOWS
    last_page, pages, _, paragraphs = (int.from_bytes(head[at : at + 2], "little") for at in range(2, 10, 2))
    minimum, maximum = (int.from_bytes(head[at : at + 2], "little") for at in (10, 12))
    is_dos = last_page <= 512 and 0 < pages <= 2048 and 2 <= paragraphs <= 4096 and minimum <= maximum
    return _WINDOWS if is_dos and head[0x18] >= 0x1C else None


def match_java_or_mac(head: bytes) -> str | None:
    """Match Java's classes, and programs for several of Apple's processors, which begin alike. What follows is a
    version, at least 45, or the number of processors."""
    if not head.startswith(b"\xca\xfe\xba\xbe"):
        return None
    return "application/java-vm" if int.from_bytes(head[4:8]) >= _MIN_JAVA_VERSION else "application/x-mach-binary"


def match_bzip2(head: bytes) -> str | None:
    """Match a level, and pi for a block or its square root for an empty file's end: texts may begin with `BZh`."""
    matches = head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}
    return "application/x-bzip2" if matches else None


def match_tar(head: bytes) -> str | None:
    """Match the first entry's header."""
    return "application/x-tar" if is_tar(head) else None


def match_sfnt(head: bytes) -> str | None:
    """Match a version, and a range that follows from the number of tables. OpenType 1.9, Table directory"""
    if head[:4] not in _SFNT_TAGS:
        return None
    tables, search_range = int.from_bytes(head[4:6]), int.from_bytes(head[6:8])
    fits = 0 < tables <= _MAX_SFNT_TABLES and search_range == 16 << (tables.bit_length() - 1)
    return "font/ttf" if fits else None


def match_embedded_font(head: bytes) -> str | None:
    """Match a version and a number far into the header. https://www.w3.org/submissions/EOT/ 4.1"""
    versions = {b"\x00\x00\x01\x00", b"\x01\x00\x02\x00", b"\x02\x00\x02\x00"}
    matches = head[8:12] in versions and head[34:36] == b"LP"
    return "application/vnd.ms-fontobject" if matches else None


def match_flash(head: bytes) -> str | None:
    """Match three letters, a version and a length. SWF File Format Specification 19, chapter 2"""
    if head[:3] not in {b"FWS", b"CWS", b"ZWS"} or not 1 <= int.from_bytes(head[3:4]) <= 50:
        return None
    return "application/x-shockwave-flash" if 8 < int.from_bytes(head[4:8], "little") < _MAX_FLASH else None


def match_compress(head: bytes) -> str | None:
    """Match compress(1): two bytes, and the number of bits, with a flag for blocks."""
    matches = (
        head.startswith(b"\x1f\x9d") and head[2:3] != b"" and head[2] & 0x60 == 0 and 9 <= head[2] & 0x1F <= 16
    )
    return "application/x-compress" if matches else None


def match_lzma(head: bytes) -> str | None:
    """Match properties, a dictionary's size, and a size that is unknown or possible. LZMA specification, 1"""
    if head[:1] != b"\x5d" or len(head) < 14 or head[13] != 0:  # the range coder's first byte is always zero
        return None
    dictionary, size = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:13], "little")
    is_power = dictionary >= 4096 and dictionary.bit_count() <= 2
    return "application/x-lzma" if is_power and (size == 2**64 - 1 or size < 2**38) else None


def match_lha(head: bytes) -> str | None:
    """Match a method at the third byte, and the level of the header. https://github.com/jca02266/lha header.doc"""
    matches = _LHA.match(head) and len(head) > 21 and head[20] <= 3
    return "application/x-lha" if matches else None


def match_arj(head: bytes) -> str | None:
    """Match two bytes, the sizes of the header and of its first part, and the type of the archive's own header.
    ARJ TECHNOTE, Archive File Format"""
    if not head.startswith(b"\x60\xea") or len(head) < 12:
        return None
    size, first_size = int.from_bytes(head[2:4], "little"), head[4]
    return "application/x-arj" if first_size <= size <= 2600 and first_size >= 30 and head[10] == 2 else None


def match_old_cpio(head: bytes) -> str | None:
    """Match two bytes, in either order, and the sizes of the name and of the file. cpio(5), Old Binary Format"""
    if not head.startswith((b"\xc7\x71", b"\x71\xc7")) or len(head) <= _CPIO_HEADER:
        return None
    length = int.from_bytes(head[20:22], "little" if head[0] == 0xC7 else "big")
    name_ends = head[_CPIO_HEADER + length - 1 : _CPIO_HEADER + length] == b"\0"
    return "application/x-cpio" if 1 < length <= _MAX_CPIO_NAME and name_ends else None


def match_electron_archive(head: bytes) -> str | None:
    """Match three sizes that follow from each other, and JSON. https://github.com/electron/asar Format"""
    sizes = [int.from_bytes(head[at : at + 4], "little") for at in range(0, 16, 4)]
    matches = sizes[0] == 4 and sizes[1] == sizes[2] + 4 and sizes[3] <= sizes[2] and head[16:17] == b"{"
    return "application/x-asar" if matches else None


def match_python_bytecode(head: bytes) -> str | None:
    """Match a version's number and a line end, and after two to four numbers a code object.
    importlib/_bootstrap_external.py, marshal.c"""
    if head[2:4] != b"\r\n" or len(head) <= _CODE_AT[-1]:
        return None
    number = int.from_bytes(head[:2], "little")
    has_code = any(head[at] & 0x7F == ord("c") for at in _CODE_AT)
    return "application/x-python-code" if has_code and (number in _PYTHON_2 or number in _PYTHON_3) else None
