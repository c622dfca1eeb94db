"""Detect ISO base media files (MP4, QuickTime, HEIF and their like) by their brands."""

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
    b"F4A ": "audio/mp4",
    b"F4B ": "audio/mp4",
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

_STRUCTURAL_BRANDS = {b"mif1": "image/heif", b"msf1": "image/heif-sequence"}
"""Brands that say how a picture is stored in the file, but not how it is compressed. ISO/IEC 23008-12, 10.2"""

_OLDER_THAN_BRANDS = {b"moov", b"mdat", b"wide"}


def match_iso_media(head: bytes) -> str | None:
    """Return the media type by the brands, or None for another format."""
    if head[4:8] != b"ftyp":
        return "video/quicktime" if head[4:8] in _OLDER_THAN_BRANDS else None
    major, *_ = brands = _read_brands(head)
    family = (media_type for begin, media_type in _FAMILIES.items() if major.startswith(begin))
    exact = (_BRANDS.get(brand) for brand in brands)
    structural = (_STRUCTURAL_BRANDS.get(brand) for brand in brands)
    return next(filter(None, (*family, *exact, *structural)), "video/mp4")


def _read_brands(head: bytes) -> list[bytes]:
    """Return the major brand and those that the file is compatible with. ISO/IEC 14496-12, 4.3"""
    end = min(int.from_bytes(head[:4]), len(head))
    return [head[8:12], *(head[offset : offset + 4] for offset in range(16, end - 3, 4))]
