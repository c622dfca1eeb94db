"""Formats by their first bytes, where puremagic is wrong or undecided."""

from chalicelib.processors.archives.tar_header import is_tar

ID3_HEADER = 10
"""Bytes."""

EXACT: dict[bytes, str] = {
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"PK\x05\x06": "application/zip",
    b"PK00PK\x03\x04": "application/zip",  # meant to be split over disks, and then it wasn't: APPNOTE 8.5.4
    b"\x1f\x8b": "application/gzip",
    b"\xfd7zXZ\x00": "application/x-xz",
    b"\x28\xb5\x2f\xfd": "application/zstd",
    b"\x50\x2a\x4d\x18": "application/zstd",  # by pzstd, a frame to be skipped: RFC 8878, 3.1.2
    b"7z\xbc\xaf\x27\x1c": "application/x-7z-compressed",
    b"Rar!\x1a\x07": "application/vnd.rar",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "application/x-ole-storage",
    b"\x7fELF": "application/x-executable",
    b"\xce\xfa\xed\xfe": "application/x-mach-binary",
    b"\xcf\xfa\xed\xfe": "application/x-mach-binary",
    b"\xfe\xed\xfa\xce": "application/x-mach-binary",
    b"\xfe\xed\xfa\xcf": "application/x-mach-binary",
    b"L\0\0\0\x01\x14\x02\0": "application/x-ms-shortcut",
    b"\x00\x00\x00\x0cjP  ": "image/jp2",
    b"fLaC": "audio/flac",
    b"FLV\x01": "video/x-flv",
    b"#!AMR": "audio/amr",
    b"MThd\x00\x00\x00\x06": "audio/midi",
    b"\x00\x00\x01\xba": "video/mpeg",
    b"\x00\x00\x01\xb3": "video/mpeg",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "video/x-ms-asf",
}
"""The bytes that a file begins with."""

_FORMS = {
    (b"RIFF", b"WAVE"): "audio/wav",
    (b"RIFF", b"AVI "): "video/x-msvideo",
    (b"RIFF", b"WEBP"): "image/webp",
    (b"FORM", b"AIFF"): "audio/aiff",
    (b"FORM", b"AIFC"): "audio/aiff",
}
"""Chunked formats: the first four bytes and those at 8."""

_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic-sequence",
    b"hevx": "image/heic-sequence",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"M4P ": "audio/mp4",
    b"crx ": "image/x-canon-cr3",
}
"""Brands of ISO media files. https://mp4ra.org/registered-types/brands"""

_FAMILIES = {
    b"3g2": "video/3gpp2",
    b"3g": "video/3gpp",
    b"avc": "video/mp4",
    b"iso": "video/mp4",
    b"mp4": "video/mp4",
    b"M4V": "video/mp4",
}
"""The beginnings of other major brands."""

_STRUCTURES = {b"mif1": "image/heif", b"msf1": "image/heif-sequence"}
"""Brands that say how a picture is stored in the file, but not how it is compressed. ISO/IEC 23008-12, 10.2"""

_PACKET = 188
"""Bytes of an MPEG transport stream's packet, ISO/IEC 13818-1."""

_MIN_JAVA_VERSION = 45
"""Java 1.1's major version. The Java Virtual Machine Specification, 4.1"""


def match_signature(head: bytes) -> str | None:
    """Return the media type of a file with these first bytes, or None."""
    for signature, media_type in EXACT.items():
        if head.startswith(signature):
            return media_type
    if (form := _FORMS.get((head[:4], head[8:12]))) is not None:
        return form
    for match in (
        _match_windows_program,
        _match_java_or_mac,
        _match_unix_archive,
        _match_bzip2,
        _match_iso_media,
        _match_matroska,
        _match_ogg,
        _match_tar,
        _match_transport_stream,
        _match_bitmap,
        _match_mpeg_audio,
    ):
        if (matched := match(head)) is not None:
            return matched
    return None


def _match_windows_program(head: bytes) -> str | None:
    """Match `MZ` and the header that it points to: `MZ` alone begins ordinary files, too.
    https://learn.microsoft.com/windows/win32/debug/pe-format"""
    offset = int.from_bytes(head[60:64], "little")
    matches = head.startswith(b"MZ") and head[offset : offset + 4] == b"PE\0\0"
    return "application/vnd.microsoft.portable-executable" if matches else None


def _match_java_or_mac(head: bytes) -> str | None:
    """Match Java's classes, and programs for several of Apple's processors, which begin alike. What follows is a
    version, at least 45, or the number of processors."""
    if not head.startswith(b"\xca\xfe\xba\xbe"):
        return None
    return "application/java-vm" if int.from_bytes(head[4:8]) >= _MIN_JAVA_VERSION else "application/x-mach-binary"


def _match_bzip2(head: bytes) -> str | None:
    """Match a level, and pi for a block or its square root for an empty file's end: texts may begin with `BZh`."""
    matches = head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"}
    return "application/x-bzip2" if matches else None


def has_id3_tag(head: bytes) -> bool:
    """Return whether the file begins with an ID3 tag and its version. https://id3.org/id3v2.4.0-structure, 3.1"""
    return head.startswith(b"ID3") and len(head) >= ID3_HEADER and head[3] < 0x10


def _match_unix_archive(head: bytes) -> str | None:
    if not head.startswith(b"!<arch>\n"):
        return None
    is_package = head.startswith(b"debian-binary", 8)
    return "application/vnd.debian.binary-package" if is_package else "application/x-archive"


def _match_iso_media(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return "video/quicktime" if head[4:8] in {b"moov", b"mdat", b"wide"} else None  # older than brands
    major, *_ = brands = _brands(head)
    family = (media_type for begin, media_type in _FAMILIES.items() if major.startswith(begin))
    exact = (_BRANDS.get(brand) for brand in brands)
    structure = (_STRUCTURES.get(brand) for brand in brands)
    return next(filter(None, (*family, *exact, *structure)), "video/mp4")


def _brands(head: bytes) -> list[bytes]:
    """Return the major brand and those that the file is compatible with. ISO/IEC 14496-12, 4.3"""
    end = min(int.from_bytes(head[:4]), len(head))
    return [head[8:12], *(head[offset : offset + 4] for offset in range(16, end - 3, 4))]


def _match_matroska(head: bytes) -> str | None:
    """Match EBML, whose header names the document's type within its first bytes. RFC 8794, 11.2.4"""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    return "video/webm" if b"webm" in head[:64] else "video/x-matroska"


def _match_ogg(head: bytes) -> str | None:
    """Match Ogg, whose first packet names the codec. RFC 5334"""
    if not head.startswith(b"OggS"):
        return None
    return "video/ogg" if b"\x80theora" in head[:64] else "audio/ogg"


def _match_tar(head: bytes) -> str | None:
    return "application/x-tar" if is_tar(head) else None


def _match_transport_stream(head: bytes) -> str | None:
    synchronised = len(head) > 4 * _PACKET and all(
        head[offset] == 0x47 for offset in range(0, 5 * _PACKET, _PACKET)
    )
    return "video/mp2t" if synchronised else None


def _match_bitmap(head: bytes) -> str | None:
    """Match two letters and the size of the header that follows, which is one of few.
    https://en.wikipedia.org/wiki/BMP_file_format"""
    is_header_size = int.from_bytes(head[14:18], "little") in {12, 40, 52, 56, 64, 108, 124}
    return "image/bmp" if head.startswith(b"BM") and is_header_size else None


def _match_mpeg_audio(head: bytes) -> str | None:
    """Match twelve set bits, a layer, and neither a bit rate nor a sampling rate that is reserved. ISO/IEC
    11172-3, 2.4.2.3; with layer 0 it is AAC in ADTS, ISO/IEC 13818-7, 6.2."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xF0 != 0xF0:
        return None
    if head[1] & 0x06 == 0x06:  # layer I, which isn't in use, would be UTF-16's byte order mark
        return None
    if head[1] & 0x06 == 0:
        return "audio/aac" if head[2] >> 2 & 0x0F < 13 else None
    return "audio/mpeg" if head[2] >> 4 not in {0, 15} and head[2] >> 2 & 3 != 3 else None
